import { pino, type Logger } from 'pino';
import { humanLine } from './human-line.js';

export interface LoggerOptions {
  readonly level: string;
  /** Lines for a person instead of JSON. */
  readonly human: boolean;
  /** Values that must not appear in any line, whatever carries them. */
  readonly secrets: readonly string[];
  readonly write: (line: string) => void;
}

/** Shorter ones would black out ordinary words; every secret setting is longer. */
const SHORTEST_SECRET = 6;

/**
 * The log: one JSON record a line (pino), or, on a terminal, one sentence a line. Known secrets are taken out of the
 * finished line, so that neither an error's message nor a URL inside an object carries one out.
 */
export function createLogger({ level, human, secrets, write }: LoggerOptions): Logger {
  const hidden = secretForms(secrets);
  return pino(
    {
      level,
      base: human ? {} : { pid: process.pid },
      redact: ['password', '*.password', '*.headers.cookie', '*.headers.authorization'],
    },
    {
      write: (line: string) => {
        const clean = hidden.reduce((text, secret) => text.replaceAll(secret, '[redacted]'), line);
        write(human ? humanLine(clean) : clean);
      },
    },
  );
}

/** A secret as it is, as a URL carries it, and, when it is a URL itself, its password. */
function secretForms(secrets: readonly string[]): readonly string[] {
  const forms = new Set<string>();
  for (const secret of secrets) {
    const password = URL.canParse(secret) ? new URL(secret).password : '';
    for (const text of [secret, password, decodeURIComponent(password)]) {
      if (text.length < SHORTEST_SECRET) continue;
      forms.add(text);
      forms.add(encodeURIComponent(text));
      // As it stands in a line of JSON.
      forms.add(JSON.stringify(text).slice(1, -1));
    }
  }
  return [...forms].sort((a, b) => b.length - a.length);
}
