import type { INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { isOwnOrigin } from '../http/session-request.js';
import { isKnownHost } from './known-host.js';

/** Socket.IO's own, as the adapter knows it. */
type SocketOptions = NonNullable<Parameters<IoAdapter['createIOServer']>[1]>;
type SocketServer = ReturnType<IoAdapter['createIOServer']>;

const LARGEST_CLIENT_MESSAGE_BYTES = 16 * 1024;

/** Socket.IO with the same Host and Origin rules as HTTP: a foreign page cannot open a socket with somebody's cookie. */
export class SocketAdapter extends IoAdapter {
  #server: SocketServer | null = null;

  constructor(
    app: INestApplicationContext,
    private readonly publicOrigin: string | undefined,
  ) {
    super(app);
  }

  /** Clients that are connected now. */
  get connectedSockets(): number {
    return this.#server?.engine.clientsCount ?? 0;
  }

  override createIOServer(port: number, options?: SocketOptions): SocketServer {
    const own: Partial<SocketOptions> = {
      serveClient: false,
      maxHttpBufferSize: LARGEST_CLIENT_MESSAGE_BYTES,
      allowRequest: (request, decide) => {
        const allowed = isKnownHost(request, this.publicOrigin) && isOwnOrigin(request, this.publicOrigin);
        decide(allowed ? null : 'foreign host or origin', allowed);
      },
    };
    this.#server = super.createIOServer(port, Object.assign({}, options, own));
    return this.#server;
  }
}
