import type { Logger } from 'pino';

type Listener<T> = (event: T) => void;

/**
 * A typed bus between modules: what has been committed is announced here. Listeners run in turn and at once; one that
 * throws is logged with its owner and does not stop the others. Nothing is queued.
 */
export class EventBus<Events extends Record<keyof Events, unknown>> {
  readonly #listeners = new Map<keyof Events, { readonly owner: string; readonly listener: Listener<never> }[]>();

  constructor(private readonly logger: Logger) {}

  /** Returns the function that takes the listener away again. */
  on<K extends keyof Events>(name: K, owner: string, listener: Listener<Events[K]>): () => void {
    const entry = { owner, listener: listener as Listener<never> };
    const entries = this.#listeners.get(name) ?? [];
    this.#listeners.set(name, [...entries, entry]);
    return () => {
      this.#listeners.set(
        name,
        (this.#listeners.get(name) ?? []).filter((other) => other !== entry),
      );
    };
  }

  emit<K extends keyof Events>(name: K, event: Events[K]): void {
    for (const { owner, listener } of this.#listeners.get(name) ?? []) {
      try {
        (listener as Listener<Events[K]>)(event);
      } catch (error) {
        this.logger.error({ err: error, event: String(name), owner }, 'a listener failed');
      }
    }
  }
}
