/** Shortest time between two publications to Vue: ten times a second at most. */
export const PUBLISH_INTERVAL_MS = 100;

/**
 * Calls `publish` soon after something changed, at most once per interval, however often `changed()` is called. Models are
 * plain Maps that change at the pace of the wire; Vue sees them only here.
 */
export class Publisher {
  private timer: ReturnType<typeof setTimeout> | null = null;
  private lastMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly publish: () => void,
    private readonly intervalMs: number = PUBLISH_INTERVAL_MS,
  ) {}

  changed(): void {
    if (this.timer !== null) return;
    const waitMs = Math.max(0, this.lastMs + this.intervalMs - performance.now());
    this.timer = setTimeout(() => {
      this.timer = null;
      this.lastMs = performance.now();
      this.publish();
    }, waitMs);
  }

  /** Publishes now: after a snapshot, so that nobody looks at an empty screen. */
  flush(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.lastMs = performance.now();
    this.publish();
  }
}
