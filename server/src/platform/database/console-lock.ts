import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import { StartError } from '../start-error.js';

/** Any number, as long as every console uses the same; of the database, not of the server. */
export const CONSOLE_LOCK = 5_118_017_004;

/** A predecessor that is just ending, or whose killed process the database has not noticed yet, is waited for. */
const WAIT_MS = 5_000;
const RETRY_MS = 250;
const LOOK_EVERY_MS = 2_000;
const ANSWER_WITHIN_MS = 5_000;
/** A console whose machine lost its power must not keep the database for the two hours of TCP's default. */
const OPTIONS = '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c jit=off';

const TRY = `select pg_try_advisory_lock($1::bigint) as taken`;
const HOLDER = `
  select a.pid, a.application_name, coalesce(host(a.client_addr), 'this machine') as host,
         to_char(a.backend_start, 'YYYY-MM-DD HH24:MI:SS TZ') as since
  from pg_locks l join pg_stat_activity a on a.pid = l.pid
  where l.locktype = 'advisory' and l.granted and l.objsubid = 1
    and l.database = (select oid from pg_database where datname = current_database())
    and (l.classid::bigint << 32 | l.objid::bigint) = $1::bigint`;
const TERMINATE = `select pg_terminate_backend($1)`;
const PING = `select 1`;

interface Holder {
  readonly pid: number;
  readonly application_name: string;
  readonly host: string;
  readonly since: string;
}

/** Thrown instead of writing. PostgreSQL's own code for "cannot connect now": whoever asks is told to try again. */
class NotTheConsole extends Error {
  readonly code = '57P03';
  constructor() {
    super('this console does not hold its database at the moment');
  }
}

/**
 * One console per database: what it knows is in memory, and a second one would judge and write past it. Held as an advisory
 * lock of a session of its own, so that it goes with the process. While that session is broken nothing is written; when it
 * is back the console goes on, unless another one has taken the database meanwhile.
 */
export class ConsoleLock {
  readonly #url: string;
  readonly #logger: Logger;
  readonly #name = `ioc-console-lock ${randomUUID()}`;
  /** Resolves with one sentence when another console has the database: what this one knows is out of date from then on. */
  readonly takenOver: Promise<string>;
  #tellTakenOver: (sentence: string) => void = () => undefined;
  #client: pg.Client | null = null;
  #look: NodeJS.Timeout | null = null;
  #released = false;

  private constructor(url: string, logger: Logger) {
    this.#url = url;
    this.#logger = logger;
    this.takenOver = new Promise((resolve) => (this.#tellTakenOver = resolve));
  }

  /** @throws StartError while another console has the database. */
  static async take(url: string, logger: Logger): Promise<ConsoleLock> {
    const lock = new ConsoleLock(url, logger);
    const deadline = performance.now() + WAIT_MS;
    for (;;) {
      const holder = await lock.#try();
      if (holder === null) return lock;
      if (performance.now() > deadline) throw new StartError(sentence(holder));
      await delay(RETRY_MS);
    }
  }

  /** @throws while the database is not ours. To be called before anything is written. */
  require(): void {
    if (this.#client === null) throw new NotTheConsole();
  }

  async release(): Promise<void> {
    this.#released = true;
    const client = this.#client;
    this.#client = null;
    if (this.#look !== null) clearTimeout(this.#look);
    await client?.end().catch(() => undefined);
  }

  /** Who else holds it; null: it is ours now. */
  async #try(): Promise<Holder | null> {
    const client = new pg.Client({
      connectionString: this.#url,
      connectionTimeoutMillis: ANSWER_WITHIN_MS,
      query_timeout: ANSWER_WITHIN_MS,
      keepAlive: true,
      application_name: this.#name,
      options: OPTIONS,
    });
    // Without a listener a server that goes away ends the process.
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rows } = await client.query<{ taken: boolean }>(TRY, [CONSOLE_LOCK]);
      if (rows[0]?.taken === true) {
        this.#hold(client);
        return null;
      }
      const holder = (await client.query<Holder>(HOLDER, [CONSOLE_LOCK])).rows[0];
      // Our own session, which the network took from us and the database still believes in.
      if (holder?.application_name === this.#name) await client.query(TERMINATE, [holder.pid]);
      await client.end();
      return holder ?? { pid: 0, application_name: '', host: 'somewhere', since: 'just now' };
    } catch (error) {
      void client.end().catch(() => undefined);
      throw error;
    }
  }

  #hold(client: pg.Client): void {
    this.#client = client;
    const lose = () => this.#lose(client);
    client.once('error', lose);
    client.once('end', lose);
    this.#lookAfter(client);
  }

  #lookAfter(client: pg.Client): void {
    this.#look = setTimeout(() => {
      client.query(PING).then(
        () => {
          if (this.#client === client) this.#lookAfter(client);
        },
        () => this.#lose(client),
      );
    }, LOOK_EVERY_MS);
    this.#look.unref();
  }

  #lose(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = null;
    if (this.#look !== null) clearTimeout(this.#look);
    // One that hangs would wait for an answer to its farewell.
    void client.end().catch(() => undefined);
    this.#logger.warn(
      'The session that keeps other consoles off the database broke; nothing is written until it is back',
    );
    void this.#regain();
  }

  async #regain(): Promise<void> {
    for (;;) {
      await delay(RETRY_MS);
      if (this.#released) return;
      const holder = await this.#try().catch(() => undefined);
      if (this.#isReleased()) return this.release();
      if (holder === null) {
        this.#logger.info('The database is ours again');
        return;
      }
      if (holder !== undefined && holder.application_name !== this.#name && holder.pid !== 0) {
        this.#tellTakenOver(sentence(holder));
        return;
      }
    }
  }

  #isReleased(): boolean {
    return this.#released;
  }
}

function sentence({ host, since }: Holder): string {
  return `Another console works on this database (from ${host}, since ${since}): stop it, or set IOC_DATABASE_URL to another database.`;
}
