import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface ReceivedRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What it does with a request: an answer, or silence for ever. */
export type StandInAnswer =
  { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string } | 'hang';

export interface HttpStandIn {
  /** Without a path. */
  readonly url: string;
  readonly port: number;
  /** Every request that it got whole, in order. */
  readonly received: readonly ReceivedRequest[];
  /** From now on; 204 at first. */
  answer(answer: StandInAnswer): void;
  /** Called with every request, before it is answered. */
  onRequest(listener: (request: ReceivedRequest) => void): void;
  close(): Promise<void>;
}

/** A server that takes what is posted to it, on loopback; over HTTPS when it gets a key and a certificate. */
export async function startHttpStandIn(
  tls: { readonly key: string; readonly cert: string } | null = null,
): Promise<HttpStandIn> {
  const received: ReceivedRequest[] = [];
  let given: StandInAnswer = { status: 204 };
  let listener: (request: ReceivedRequest) => void = () => undefined;
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const taken = { path: request.url ?? '', headers: request.headers, body: Buffer.concat(parts) };
      received.push(taken);
      listener(taken);
      if (given === 'hang') return;
      response.writeHead(given.status, given.headers).end(given.body);
    });
  };
  const server = tls === null ? createServer(handle) : createHttpsServer({ ...tls }, handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === null ? 'http' : 'https'}://${tls === null ? '127.0.0.1' : 'localhost'}:${port}`,
    port,
    received,
    answer: (answer) => (given = answer),
    onRequest: (given) => (listener = given),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
