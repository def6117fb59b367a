import { createHash, X509Certificate } from 'node:crypto';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { createServer } from 'node:tls';
import { makeCertificate } from './certificate.js';

/** A name that stands for the console's public one; browsers are told where it is. */
const HOST = 'ioc.quangngai.test';

export interface HttpsFront {
  /** The public address: `https://…`. */
  readonly origin: string;
  /** What a Chromium needs to find the name and to trust this one key; it trusts no other. */
  readonly browserArgs: readonly string[];
  /** Whom it stands before; known only when the console runs, which needs the origin to start. */
  forwardTo(httpUrl: string): void;
  /** Ends every connection and takes no new one: no signal. */
  cut(): void;
  restore(): void;
  /**
   * The next request whose first line has this in it reaches the console, but its connection ends before the answer comes
   * through; resolves when that has happened.
   */
  loseAnswerTo(part: string): Promise<void>;
  close(): Promise<void>;
}

/** TLS in front of a console, with a certificate made for this test; what is inside passes through unchanged. */
export async function startHttpsFront(): Promise<HttpsFront> {
  const certificate = await makeCertificate();
  const { key, cert } = certificate;
  const sockets = new Set<Socket>();
  let target: URL | null = null;
  let isCut = false;
  let losing: { readonly part: string; readonly done: () => void } | null = null;

  const server = createServer({ key, cert }, (near) => {
    if (target === null) {
      near.destroy();
      return;
    }
    const far = connect({ host: target.hostname, port: Number(target.port) });
    sockets.add(far);
    const end = () => {
      sockets.delete(far);
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) socket.on('error', end).on('close', end);
    let answerIsLost: (() => void) | null = null;
    near.on('data', (chunk: Buffer) => {
      if (losing !== null && (chunk.toString('latin1').split('\r\n', 1)[0] ?? '').includes(losing.part)) {
        answerIsLost = losing.done;
        losing = null;
      }
      far.write(chunk);
    });
    far.on('data', (chunk: Buffer) => {
      if (answerIsLost === null) {
        near.write(chunk);
        return;
      }
      answerIsLost();
      end();
    });
    near.on('end', () => far.end());
    far.on('end', () => near.end());
  });
  server.on('connection', (socket: Socket) => {
    if (isCut) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
  });
  // A browser that does not trust the certificate says so by ending the handshake: the test's page tells.
  server.on('tlsClientError', () => undefined);
  const end = () => {
    for (const socket of [...sockets]) socket.destroy();
  };

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const spki = new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' });
  const pin = createHash('sha256').update(spki).digest('base64');
  return {
    origin: `https://${HOST}:${port}`,
    browserArgs: [`--host-resolver-rules=MAP ${HOST} 127.0.0.1`, `--ignore-certificate-errors-spki-list=${pin}`],
    forwardTo: (httpUrl) => {
      target = new URL(httpUrl);
    },
    cut: () => {
      isCut = true;
      end();
    },
    restore: () => {
      isCut = false;
    },
    loseAnswerTo: (part) =>
      new Promise((resolve) => {
        losing = { part, done: () => resolve() };
      }),
    close: async () => {
      end();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await certificate.remove();
    },
  };
}
