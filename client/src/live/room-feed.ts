import type { z } from 'zod';

/** What a room's messages look like; both are parsed, because the server may be newer than this page. */
export interface RoomShape<S, D> {
  readonly snapshot: z.ZodType<S>;
  readonly delta: z.ZodType<D>;
}

/** Which part of a snapshot it is; one that comes in a single message is both. */
export interface SnapshotPart {
  readonly first: boolean;
  readonly last: boolean;
}

/**
 * What a store does with a room. The first part of a snapshot replaces everything it had, the others add to it; deltas may
 * come between them, and what comes later is newer.
 */
export interface RoomHandler<S, D> {
  snapshot(value: S, part: SnapshotPart): void;
  delta(value: D): void;
  /** The server refused the room; it stays empty until the next connection. */
  refused?(code: string): void;
}

/** `gap` and `mismatch` (a shape that this page does not know) ask for a fresh snapshot. */
export type FeedStep = 'ok' | 'ignored' | 'gap' | 'mismatch';

/**
 * One room on one connection: keeps its sequence and decides what to do with each message. Before the snapshot nothing is
 * applied; after its first part every delta must carry the next number, and every further part the number of the delta before
 * it: one that doesn't asks for a fresh snapshot.
 */
export class RoomFeed<S, D> {
  private seq: number | null = null;

  constructor(
    readonly room: string,
    private readonly shape: RoomShape<S, D>,
    private readonly handler: RoomHandler<S, D>,
  ) {}

  /** Forgets the sequence: what arrives before the next snapshot belongs to an older subscription. */
  reset(): void {
    this.seq = null;
  }

  takeSnapshot(seq: number, raw: unknown, part: SnapshotPart): FeedStep {
    if (!part.first && this.seq === null) return 'ignored';
    if (!part.first && seq !== this.seq) return this.lose('gap');
    const parsed = this.shape.snapshot.safeParse(raw);
    if (!parsed.success) return this.lose('mismatch');
    this.seq = seq;
    this.handler.snapshot(parsed.data, part);
    return 'ok';
  }

  takeDelta(seq: number, raw: unknown): FeedStep {
    if (this.seq === null || seq <= this.seq) return 'ignored';
    if (seq !== this.seq + 1) return this.lose('gap');
    const parsed = this.shape.delta.safeParse(raw);
    if (!parsed.success) return this.lose('mismatch');
    this.seq = seq;
    this.handler.delta(parsed.data);
    return 'ok';
  }

  refuse(code: string): void {
    this.seq = null;
    this.handler.refused?.(code);
  }

  private lose(step: FeedStep): FeedStep {
    this.seq = null;
    return step;
  }
}
