import { queuedWork, type NewWork, type QueuedWork } from './queued-work.js';
import type { WorkShelf } from './work-sender.js';

const DATABASE = 'ioc-technician';
const STORE = 'work';
/** Work that may wait at a time: a night without a connection, and not a phone full of photos. */
const MAX_WAITING = 200;

function answerOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('IndexedDB'));
  });
}

function committed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error('IndexedDB'));
  });
}

/** Queued work in this browser's IndexedDB: it outlives the tab, the browser and the phone's restart. */
export class StoredWorkShelf implements WorkShelf {
  private constructor(private readonly database: IDBDatabase) {}

  /** @throws where the browser keeps nothing, such as in some private windows */
  static async open(): Promise<StoredWorkShelf> {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(STORE, { keyPath: 'seq', autoIncrement: true });
    };
    const database = await answerOf(request);
    // A newer version of this page in another tab must not wait for this one.
    database.onversionchange = () => database.close();
    return new StoredWorkShelf(database);
  }

  async list(personId: string): Promise<readonly QueuedWork[]> {
    return (await this.all()).filter((work) => work.personId === personId);
  }

  /** Puts it at the end; its number, or null when too much waits. */
  async add(work: NewWork): Promise<number | null> {
    const transaction = this.database.transaction(STORE, 'readwrite', { durability: 'strict' });
    const store = transaction.objectStore(STORE);
    if ((await answerOf(store.count())) >= MAX_WAITING) return null;
    const key = await answerOf(store.add({ ...work, attempts: 0, stop: null }));
    await committed(transaction);
    return Number(key);
  }

  async update(seq: number, change: Partial<QueuedWork>): Promise<boolean> {
    const transaction = this.database.transaction(STORE, 'readwrite', { durability: 'strict' });
    const store = transaction.objectStore(STORE);
    const known: unknown = await answerOf(store.get(seq));
    const isThere = typeof known === 'object' && known !== null;
    if (isThere) store.put({ ...known, ...change });
    await committed(transaction);
    return isThere;
  }

  async finish(done: QueuedWork, made: { version: number; seenAtMs: number } | null): Promise<void> {
    const transaction = this.database.transaction(STORE, 'readwrite', { durability: 'strict' });
    const store = transaction.objectStore(STORE);
    store.delete(done.seq);
    if (made !== null) {
      for (const work of readable(await answerOf(store.getAll()))) {
        const { seq, personId, incidentId } = work;
        const isLater = seq > done.seq && personId === done.personId && incidentId === done.incidentId;
        if (isLater) store.put({ ...work, ...made });
      }
    }
    await committed(transaction);
  }

  /** Takes it out unless it was sent already: what was sent may have been done. Whether it is out. */
  async takeBack(seq: number): Promise<boolean> {
    const transaction = this.database.transaction(STORE, 'readwrite', { durability: 'strict' });
    const store = transaction.objectStore(STORE);
    const known = queuedWork.safeParse(await answerOf(store.get(seq)));
    const isUnsent = known.success && known.data.attempts === 0;
    if (isUnsent) store.delete(seq);
    await committed(transaction);
    return isUnsent;
  }

  async remove(seq: number): Promise<void> {
    const transaction = this.database.transaction(STORE, 'readwrite', { durability: 'strict' });
    transaction.objectStore(STORE).delete(seq);
    await committed(transaction);
  }

  private async all(): Promise<readonly QueuedWork[]> {
    return readable(await answerOf(this.database.transaction(STORE, 'readonly').objectStore(STORE).getAll()));
  }
}

/** Those that this version of the page can read. */
function readable(rows: readonly unknown[]): readonly QueuedWork[] {
  return rows.flatMap((row) => {
    const parsed = queuedWork.safeParse(row);
    return parsed.success ? [parsed.data] : [];
  });
}
