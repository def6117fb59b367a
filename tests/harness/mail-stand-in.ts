import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface ReceivedMail {
  readonly to: readonly string[];
  /** As it came, headers and all. */
  readonly source: string;
}

/** What a mail of one part says, as a person reads it. */
export function textOf({ source }: ReceivedMail): string {
  const end = source.indexOf('\r\n\r\n');
  const [head, body] = [source.slice(0, end), source.slice(end + 4)];
  if (/^content-transfer-encoding: base64/im.test(head)) return Buffer.from(body, 'base64').toString('utf8');
  if (!/^content-transfer-encoding: quoted-printable/im.test(head)) return body;
  const bytes = body.replaceAll(/=\r?\n/g, '').replaceAll(/=([0-9A-F]{2})/g, (_whole, hex: string) => {
    return String.fromCharCode(Number.parseInt(hex, 16));
  });
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** What it refuses: nothing, everything at the greeting, or a recipient. */
export type MailRefusal = null | 'everything' | { readonly recipient: string };

export interface MailStandIn {
  readonly url: string;
  readonly received: readonly ReceivedMail[];
  refuse(what: MailRefusal): void;
  close(): Promise<void>;
}

/** A mail server on loopback that keeps what it gets. */
export async function startMailStandIn(port = 0): Promise<MailStandIn> {
  const received: ReceivedMail[] = [];
  let refused: MailRefusal = null;
  const refusal = (code: number, text: string) => Object.assign(new Error(text), { responseCode: code });
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onConnect: (_session, done) => {
      if (refused === 'everything') done(refusal(554, 'not now'));
      else done();
    },
    onRcptTo: ({ address }, _session, done) => {
      const isRefused = typeof refused === 'object' && refused?.recipient === address;
      if (isRefused) done(refusal(550, 'no such user'));
      else done();
    },
    onData: (stream, session, done) => {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        const to = session.envelope.rcptTo.map(({ address }) => address);
        received.push({ to, source: Buffer.concat(parts).toString('utf8') });
        done();
      });
    },
  });
  // Whoever breaks a connection off is no fault of the test.
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${address.port}`,
    received,
    refuse: (what) => (refused = what),
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}
