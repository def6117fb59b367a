import { io, type Socket } from 'socket.io-client';
import {
  LIVE_NAMESPACE,
  type ClientToServerEvents,
  type ServerToClientEvents,
  type SubscribeAnswer,
} from '@ioc/contract';
import { RoomFeed, type FeedStep, type RoomHandler, type RoomShape, type SnapshotPart } from './room-feed.js';

/** How long an answer to `subscribe` or `more` may take before the room is asked for again. */
const ANSWER_TIMEOUT_MS = 10_000;
/** A room that keeps gapping is asked for again at most this often. */
const RESUBSCRIBE_INTERVAL_MS = 1_000;
/** The overview speaks every second; a connection that is quiet for longer than this cannot be believed. */
export const SILENCE_MS = 5_000;

/** `connecting`: not yet once · `live` · `silent`: connected, but nothing came for 5 s · `lost`: trying to reconnect, forever. */
export type LinkState = 'connecting' | 'live' | 'silent' | 'lost';

export interface LiveEvents {
  /** The state of the connection changed. */
  state(state: LinkState): void;
  /** A message did not have the shape that this page knows: the server is another version. */
  mismatch(room: string): void;
  /** The session ended: somebody must sign in again. */
  signedOut(): void;
}

/** What one joined room needs besides its feed: its type parameters are hidden here. */
interface JoinedRoom {
  readonly room: string;
  reset(): void;
  takeSnapshot(seq: number, raw: unknown, part: SnapshotPart): FeedStep;
  takeDelta(seq: number, raw: unknown): FeedStep;
  refuse(code: string): void;
}

/**
 * The one socket of this page. Rooms are joined once and stay joined over every reconnect: on open all are subscribed
 * again and start from a fresh snapshot. It never gives up; the pause between attempts is at most 5 s.
 */
export class LiveClient {
  private readonly socket: Socket<ServerToClientEvents, ClientToServerEvents>;
  private readonly rooms = new Map<string, JoinedRoom>();
  /** Grows with every subscribe of a room, so that a late answer to an older one is ignored. */
  private readonly generations = new Map<string, number>();
  private readonly pending = new Map<string, ReturnType<typeof setTimeout>>();
  private silenceTimer: ReturnType<typeof setTimeout> | null = null;
  private state: LinkState = 'connecting';
  /** The incident that this page has open; told again after every reconnect. */
  private looksAt: string | null = null;

  constructor(
    private readonly events: LiveEvents,
    url = '',
  ) {
    this.socket = io(`${url}${LIVE_NAMESPACE}`, {
      transports: ['websocket', 'polling'],
      autoConnect: false,
      reconnection: true,
      reconnectionAttempts: Number.POSITIVE_INFINITY,
      reconnectionDelay: 500,
      reconnectionDelayMax: 5_000,
      timeout: 10_000,
    });
    this.socket.on('connect', () => {
      this.hear();
      for (const room of this.rooms.values()) this.subscribe(room);
      if (this.looksAt !== null) this.socket.emit('look', { incidentId: this.looksAt });
    });
    this.socket.on('disconnect', (reason) => {
      this.forgetTimers();
      this.setState('lost');
      // Socket.IO does not come back by itself when the server closed it on purpose, such as at its shutdown.
      if (reason === 'io server disconnect') this.retryAfterPause();
    });
    this.socket.on('connect_error', () => {
      if (this.state !== 'connecting') this.setState('lost');
      // A refusal by the server's own check ends Socket.IO's attempts.
      if (!this.socket.active) this.retryAfterPause();
    });
    this.socket.on('delta', ({ room, seq, delta }) => {
      this.hear();
      const joined = this.rooms.get(room);
      if (joined !== undefined) this.follow(joined, joined.takeDelta(seq, delta));
    });
    this.socket.on('resync', ({ room }) => {
      this.hear();
      const joined = this.rooms.get(room);
      if (joined !== undefined) this.subscribeAgain(joined);
    });
    this.socket.on('signedOut', () => {
      this.events.signedOut();
    });
  }

  start(): void {
    this.socket.connect();
  }

  stop(): void {
    this.forgetTimers();
    for (const timer of this.pending.values()) clearTimeout(timer);
    this.pending.clear();
    this.socket.disconnect();
  }

  /** Connects anew with the cookie that the browser has now: after signing in or out. */
  restart(): void {
    this.socket.disconnect();
    this.socket.connect();
  }

  /** Joins a room until the returned function is called. A room has one owner at a time; joining again replaces it. */
  join<S, D>(room: string, shape: RoomShape<S, D>, handler: RoomHandler<S, D>): () => void {
    const joined = new RoomFeed(room, shape, handler);
    this.rooms.set(room, joined);
    if (this.socket.connected) this.subscribe(joined);
    return () => {
      if (this.rooms.get(room) !== joined) return;
      this.rooms.delete(room);
      this.generations.delete(room);
      if (this.socket.connected) this.socket.emit('unsubscribe', { room });
    };
  }

  /** Tells the others which incident this page has open; null when it is closed. */
  look(incidentId: string | null): void {
    if (this.looksAt === incidentId) return;
    this.looksAt = incidentId;
    if (this.socket.connected) this.socket.emit('look', { incidentId });
  }

  private subscribe(joined: JoinedRoom): void {
    const { room } = joined;
    const generation = (this.generations.get(room) ?? 0) + 1;
    this.generations.set(room, generation);
    joined.reset();
    this.ask(joined, generation, null);
  }

  /** Asks for the part of a room's snapshot that begins at `from`, null being its beginning, and then for the next one. */
  private ask(joined: JoinedRoom, generation: number, from: string | null): void {
    const { room } = joined;
    // Taken in the very turn in which it comes, not in a promise's: a delta may be right behind it.
    const take = (error: Error | null, answer: SubscribeAnswer<unknown>): void => {
      if (this.generations.get(room) !== generation || this.rooms.get(room) !== joined) return;
      if (error !== null) {
        // No answer in time; after a disconnect the next connection subscribes anyway.
        if (this.socket.connected) this.subscribeAgain(joined);
        return;
      }
      this.hear();
      if (!answer.ok) {
        // Taken out of the room before its turn came; every other refusal stays one.
        if (answer.code === 'not-subscribed') this.subscribeAgain(joined);
        else joined.refuse(answer.code);
        return;
      }
      const { seq, snapshot, next } = answer;
      const step = joined.takeSnapshot(seq, snapshot, { first: from === null, last: next === null });
      this.follow(joined, step);
      if (step === 'ok' && next !== null) this.ask(joined, generation, next);
    };
    const socket = this.socket.timeout(ANSWER_TIMEOUT_MS);
    if (from === null) socket.emit('subscribe', { room }, take);
    else socket.emit('more', { room, from }, take);
  }

  /** Does what a room's step asks for. */
  private follow(joined: JoinedRoom, step: FeedStep): void {
    if (step === 'mismatch') this.events.mismatch(joined.room);
    if (step === 'mismatch' || step === 'gap') this.subscribeAgain(joined);
  }

  private subscribeAgain(joined: JoinedRoom): void {
    joined.reset();
    if (this.pending.has(joined.room)) return;
    const timer = setTimeout(() => {
      this.pending.delete(joined.room);
      if (this.socket.connected && this.rooms.get(joined.room) === joined) this.subscribe(joined);
    }, RESUBSCRIBE_INTERVAL_MS);
    this.pending.set(joined.room, timer);
  }

  private retryAfterPause(): void {
    setTimeout(() => {
      if (!this.socket.active) this.socket.connect();
    }, 2_000);
  }

  private hear(): void {
    this.setState('live');
    if (this.silenceTimer !== null) clearTimeout(this.silenceTimer);
    this.silenceTimer = setTimeout(() => {
      this.setState('silent');
    }, SILENCE_MS);
  }

  private forgetTimers(): void {
    if (this.silenceTimer !== null) clearTimeout(this.silenceTimer);
    this.silenceTimer = null;
  }

  private setState(state: LinkState): void {
    if (state === this.state) return;
    this.state = state;
    this.events.state(state);
  }
}
