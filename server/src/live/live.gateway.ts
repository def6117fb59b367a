import { Inject } from '@nestjs/common';
import { WebSocketGateway, type OnGatewayConnection, type OnGatewayInit } from '@nestjs/websockets';
import {
  LIVE_NAMESPACE,
  MAX_ROOMS_PER_CLIENT,
  liveRoom,
  type ClientToServerEvents,
  type DeviceSnapshot,
  type IncidentsSnapshot,
  type LiveRoom,
  type OverviewSnapshot,
  type ServerToClientEvents,
  type SubscribeAnswer,
} from '@ioc/contract';
import type { Logger } from 'pino';
import type { Namespace, Socket } from 'socket.io';
import { z } from 'zod';
import { AccessService } from '../access/access.service.js';
import type { Session } from '../access/session.js';
import { sessionRequestOf } from '../platform/http/session-request.js';
import { LOGGER } from '../platform/platform.module.js';
import { LiveClient } from './live-client.js';
import type { LiveMessage } from './live-room.js';
import { LiveService } from './live.service.js';
import { Turns } from './turns.js';

interface SocketData {
  session: Session;
  client: LiveClient;
}
type LiveSocket = Socket<ClientToServerEvents, ServerToClientEvents, Record<string, never>, SocketData>;
type LiveNamespace = Namespace<ClientToServerEvents, ServerToClientEvents, Record<string, never>, SocketData>;
type Answer = SubscribeAnswer<OverviewSnapshot | IncidentsSnapshot | DeviceSnapshot>;
type Callback = (answer: Answer) => void;
type RefusalCode = Extract<Answer, { ok: false }>['code'];
/** The part of a room's snapshot that begins at `from`; null: its beginning. */
interface Wanted {
  readonly room: LiveRoom;
  readonly from: string | null;
}

const lookRequest = z.object({
  incidentId: z
    .string()
    .regex(/^\d{1,18}$/)
    .nullable(),
});
const request = z.object({ room: z.string().max(80) });
const moreRequest = request.extend({ from: z.string().max(80) });
/** About what an answer without a snapshot takes on the wire. */
const REFUSAL_BYTES = 64;
/** How often clients that lag are looked at; real ms. */
const LAG_CHECK_MS = 250;
/** A session that ended so recently may still be between its authentication and its connection; real ms. */
const ENDED_LATELY_MS = 10_000;

/** Socket.IO's side of the live model: who may watch, rooms, slow clients. */
@WebSocketGateway({ namespace: LIVE_NAMESPACE })
export class LiveGateway implements OnGatewayInit<LiveNamespace>, OnGatewayConnection<LiveSocket> {
  readonly #endedLately = new Set<string>();
  readonly #lagging = new Set<LiveSocket>();
  readonly #turns = new Turns((call) => setImmediate(call));

  constructor(
    private readonly live: LiveService,
    private readonly access: AccessService,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  afterInit(namespace: LiveNamespace): void {
    namespace.use((socket, next) => {
      this.#admit(socket).then(
        (admitted) => next(admitted ? undefined : new Error('not-signed-in')),
        (error: unknown) => {
          this.logger.error({ err: error }, 'a socket could not be authenticated');
          next(new Error('unavailable'));
        },
      );
    });
    this.live.deliverTo((message) => this.#deliver(namespace, message));
    const stopListening = this.access.onSessionEnded('live', ({ key }) => this.#endSession(namespace, key));
    const lagTimer = setInterval(() => this.#callBack(), LAG_CHECK_MS);
    namespace.server.engine.once('close', () => {
      stopListening();
      clearInterval(lagTimer);
    });
    lagTimer.unref();
  }

  handleConnection(socket: LiveSocket): void {
    if (this.#endedLately.has(socket.data.session.key)) {
      signOut(socket);
      return;
    }
    // Whoever wants no answer gets no room.
    socket.on('subscribe', (message, answer) => {
      if (isCallback(answer)) this.#ask(socket, answer, this.#enter(socket, message));
    });
    socket.on('more', (message, answer) => {
      if (isCallback(answer)) this.#ask(socket, answer, this.#continue(socket, message));
    });
    socket.on('unsubscribe', (message) => {
      const room = liveRoom.safeParse(request.safeParse(message).data?.room);
      if (room.success) this.#leave(socket, room.data);
    });
    socket.on('look', (message) => {
      const { personId, name } = socket.data.session;
      const looked = lookRequest.safeParse(message);
      if (personId !== null && looked.success) this.live.look(socket.id, { personId, name }, looked.data.incidentId);
    });
    socket.once('disconnect', () => {
      this.live.lookAway(socket.id);
      this.#lagging.delete(socket);
      for (const room of socket.data.client.rooms) this.live.leave(room);
      socket.data.client.rooms.clear();
    });
  }

  async #admit(socket: LiveSocket): Promise<boolean> {
    const session = await this.access.authenticate(sessionRequestOf(socket.request));
    if (session === null || !session.permissions.includes('wall:read')) return false;
    socket.data.session = session;
    // Engine.IO writes everything it has whenever its transport is writable; until then all of it waits.
    socket.data.client = new LiveClient({ drained: () => socket.conn.transport.writable });
    return true;
  }

  /** A question that may be answered gets its answer in a turn of its own. */
  #ask(socket: LiveSocket, answer: Callback, wanted: Wanted | RefusalCode): void {
    if (typeof wanted === 'string') {
      this.#answer(socket, answer, { ok: false, code: wanted }, REFUSAL_BYTES);
      return;
    }
    const { client } = socket.data;
    if (!client.mayAsk()) {
      socket.disconnect(true);
      return;
    }
    this.#turns.add(() => {
      client.asked();
      if (!socket.connected) return;
      try {
        this.#tell(socket, answer, wanted);
      } catch (error) {
        // A client whose question is never answered would wait; one that is disconnected comes back.
        this.logger.error({ err: error }, 'a subscription failed');
        socket.disconnect(true);
      }
    });
  }

  #tell(socket: LiveSocket, answer: Callback, { room, from }: Wanted): void {
    // It may have left, or been taken out of the room, while it waited for its turn.
    const isIn = socket.data.client.rooms.has(room);
    const part = isIn ? this.live.snapshot(room, from) : null;
    if (part === null) {
      this.#answer(socket, answer, { ok: false, code: isIn ? 'unknown-room' : 'not-subscribed' }, REFUSAL_BYTES);
      return;
    }
    const { bytes, ...given } = part;
    this.#answer(socket, answer, { ok: true, room, ...given }, bytes);
  }

  #answer(socket: LiveSocket, answer: Callback, given: Answer, bytes: number): void {
    if (socket.data.client.mayTake(bytes)) answer(given);
    // It asks again and again for what it does not read.
    else socket.disconnect(true);
  }

  #enter(socket: LiveSocket, message: unknown): Wanted | RefusalCode {
    const room = liveRoom.safeParse(request.safeParse(message).data?.room);
    if (!room.success) return 'unknown-room';
    const { client } = socket.data;
    if (!client.rooms.has(room.data)) {
      if (client.rooms.size >= MAX_ROOMS_PER_CLIENT) return 'too-many-rooms';
      if (this.live.find(room.data) === 'unknown-device') return 'unknown-device';
      this.live.join(room.data);
      client.rooms.add(room.data);
      void socket.join(room.data);
    }
    client.lagging.delete(room.data);
    return { room: room.data, from: null };
  }

  #continue(socket: LiveSocket, message: unknown): Wanted | RefusalCode {
    const { room, from } = moreRequest.safeParse(message).data ?? {};
    const known = liveRoom.safeParse(room);
    if (!known.success || from === undefined) return 'unknown-room';
    // Its sequence is broken: it was taken out of the room, or never was in it.
    if (!socket.data.client.rooms.has(known.data)) return 'not-subscribed';
    return { room: known.data, from };
  }

  #leave(socket: LiveSocket, room: LiveRoom): void {
    socket.data.client.lagging.delete(room);
    if (!socket.data.client.rooms.delete(room)) return;
    void socket.leave(room);
    this.live.leave(room);
  }

  /** One message for all of a room: it is serialised once. Who does not drain is taken out of the room. */
  #deliver(namespace: LiveNamespace, message: LiveMessage): void {
    const members = namespace.adapter.rooms.get(message.room);
    if (members === undefined) return;
    const bytes = JSON.stringify(message).length;
    for (const id of [...members]) {
      const socket = namespace.sockets.get(id);
      if (socket === undefined || socket.data.client.mayTake(bytes)) continue;
      this.#leave(socket, message.room);
      socket.data.client.lagging.add(message.room);
      this.#lagging.add(socket);
    }
    namespace.to(message.room).emit('delta', message);
  }

  /** Tells those who lagged and drain again to subscribe anew. */
  #callBack(): void {
    for (const socket of this.#lagging) {
      const { client } = socket.data;
      if (!client.drained()) continue;
      this.#lagging.delete(socket);
      for (const room of client.lagging) socket.emit('resync', { room });
      client.lagging.clear();
    }
  }

  #endSession(namespace: LiveNamespace, key: string): void {
    this.#endedLately.add(key);
    setTimeout(() => this.#endedLately.delete(key), ENDED_LATELY_MS).unref();
    for (const socket of namespace.sockets.values()) if (socket.data.session.key === key) signOut(socket);
  }
}

function isCallback(value: unknown): value is Callback {
  return typeof value === 'function';
}

function signOut(socket: LiveSocket): void {
  socket.emit('signedOut');
  socket.disconnect(true);
}
