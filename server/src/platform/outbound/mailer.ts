import { createTransport } from 'nodemailer';
import { rootCertificates } from 'node:tls';

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** `<…@…>`: mail servers and clients know a repeated mail by it. */
  readonly messageId: string;
  readonly headers: Readonly<Record<string, string>>;
}

export type MailResult =
  | { readonly ok: true }
  | {
      readonly ok: false;
      /** Another attempt would be refused as well. */
      readonly final: boolean;
      /** The server took others; it is about this recipient or content. */
      readonly ofThisMail: boolean;
      readonly detail: string;
    };

export interface Mailer {
  send(mail: Mail): Promise<MailResult>;
}

const WITHIN_MS = 10_000;
const ALTOGETHER_MS = 30_000;

/**
 * Sends mail over SMTP, a connection for each: notifications are few, and a connection that is kept breaks unseen.
 * @param ca PEM of further certificate authorities
 */
export function createMailer(url: string, from: string, ca: string | null): Mailer {
  const transport = createTransport({
    url,
    connectionTimeout: WITHIN_MS,
    greetingTimeout: WITHIN_MS,
    socketTimeout: WITHIN_MS,
    dnsTimeout: WITHIN_MS,
    socketCloseTimeout: 0,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(ca === null ? {} : { tls: { ca: [...rootCertificates, ca] } }),
  });
  return {
    async send({ to, subject, text, messageId, headers }) {
      let timer: NodeJS.Timeout | undefined;
      const tooLong = new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => reject(new Error('timeout')), ALTOGETHER_MS);
      });
      try {
        // The address as an object: it is never parsed as a list.
        const sending = transport.sendMail({ from, to: { name: '', address: to }, subject, text, messageId, headers });
        await Promise.race([sending, tooLong]);
        return { ok: true };
      } catch (error) {
        return { ok: false, ...refusalOf(error) };
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

function refusalOf(error: unknown): Omit<Extract<MailResult, { ok: false }>, 'ok'> {
  if (!(error instanceof Error)) return { final: false, ofThisMail: false, detail: 'unknown' };
  const code = 'responseCode' in error && typeof error.responseCode === 'number' ? error.responseCode : null;
  const command = 'command' in error && typeof error.command === 'string' ? error.command : '';
  // 5xx to the recipient or the content is about this mail; to the greeting, to us or our password it can be mended.
  const ofThisMail = code !== null && /^(RCPT TO|DATA)/.test(command);
  const final = ofThisMail && code >= 500;
  const kind = 'code' in error && typeof error.code === 'string' ? error.code : error.message.slice(0, 100);
  return {
    final,
    ofThisMail,
    detail: code === null ? kind : `${kind} ${code}${command === '' ? '' : ` (${command})`}`,
  };
}
