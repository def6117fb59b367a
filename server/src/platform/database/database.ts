import pg from 'pg';

/** What a repository is handed: a pool outside a transaction, a connection inside one. Values go in parameters only. */
export interface Tx {
  query<R extends pg.QueryResultRow>(statement: string, values?: readonly unknown[]): Promise<readonly R[]>;
  /** As `query`, for the number of rows written. */
  execute(statement: string, values?: readonly unknown[]): Promise<number>;
}

// Epoch-millisecond arithmetic everywhere: int8 comes as text by default, which adds up wrongly.
const INT8 = 20;
pg.types.setTypeParser(INT8, (text) => {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`a bigint beyond 2^53 came from the database: ${text}`);
  return value;
});

class ConnectionTx implements Tx {
  constructor(private readonly connection: pg.Pool | pg.PoolClient) {}

  async query<R extends pg.QueryResultRow>(statement: string, values: readonly unknown[] = []): Promise<readonly R[]> {
    const result = await this.connection.query<R>(statement, [...values]);
    return result.rows;
  }

  async execute(statement: string, values: readonly unknown[] = []): Promise<number> {
    const result = await this.connection.query(statement, [...values]);
    return result.rowCount ?? 0;
  }
}

/** An advisory lock that one connection holds. */
export interface HeldLock {
  /** False once its connection broke or it was given back. */
  isHeld(): boolean;
  release(): void;
}

export interface DatabaseOptions {
  readonly url: string;
  readonly maxConnections: number;
  /** A connection that answers nothing for so long is given up; ms. */
  readonly statementTimeoutMs: number;
  readonly onError: (error: Error) => void;
  /** Called before anything is written; throws when nothing may be. */
  readonly requireWritable?: () => void;
}

/** The pool. The only user of the driver. */
export class Database implements Tx {
  readonly #pool: pg.Pool;
  readonly #direct: Tx;
  readonly #requireWritable: () => void;

  constructor(options: DatabaseOptions) {
    this.#requireWritable = options.requireWritable ?? (() => undefined);
    this.#pool = new pg.Pool({
      connectionString: options.url,
      max: options.maxConnections,
      connectionTimeoutMillis: 5_000,
      statement_timeout: options.statementTimeoutMs,
      query_timeout: options.statementTimeoutMs + 2_000,
      idle_in_transaction_session_timeout: 60_000,
      keepAlive: true,
      application_name: 'ioc-console',
      // Days and months are cut in the province's time zone, everywhere. Compiling a statement took up to 5 s of its 9.
      options: '-c timezone=Asia/Ho_Chi_Minh -c jit=off',
    });
    // Without a listener an idle connection that breaks would end the process.
    this.#pool.on('error', options.onError);
    this.#direct = new ConnectionTx(this.#pool);
  }

  query<R extends pg.QueryResultRow>(statement: string, values?: readonly unknown[]): Promise<readonly R[]> {
    return this.#direct.query<R>(statement, values);
  }

  async execute(statement: string, values?: readonly unknown[]): Promise<number> {
    this.#requireWritable();
    return await this.#direct.execute(statement, values);
  }

  /** Runs `work` in one transaction: all of it is committed when it resolves, none of it when it throws. */
  async transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    this.#requireWritable();
    const connection = await this.#pool.connect();
    let broken: Error | undefined;
    // The pool listens to idle connections only: one that breaks while it is ours would end the process. The statement that
    // was under way is rejected as well, so there is nothing more to do with the error.
    const onBroken = (error: Error) => {
      broken = error;
    };
    connection.on('error', onBroken);
    try {
      await connection.query('begin');
      const result = await work(new ConnectionTx(connection));
      this.#requireWritable();
      await connection.query('commit');
      return result;
    } catch (error) {
      await connection.query('rollback').catch((rollbackError: unknown) => {
        broken = rollbackError instanceof Error ? rollbackError : new Error(String(rollbackError));
      });
      throw error;
    } finally {
      connection.off('error', onBroken);
      connection.release(broken);
    }
  }

  /**
   * Takes an advisory lock on a connection of its own, so that it goes with the process. Null while somebody else has it.
   */
  async takeLock(key: number): Promise<HeldLock | null> {
    const connection = await this.#pool.connect();
    let held = true;
    let released = false;
    const release = (broken?: Error) => {
      held = false;
      if (released) return;
      released = true;
      connection.release(broken);
    };
    connection.on('error', release);
    try {
      const { rows } = await connection.query<{ taken: boolean }>('select pg_try_advisory_lock($1::bigint) as taken', [
        key,
      ]);
      if (rows[0]?.taken !== true) {
        connection.off('error', release);
        release();
        return null;
      }
    } catch (error) {
      release(error instanceof Error ? error : new Error(String(error)));
      throw error;
    }
    return {
      isHeld: () => held,
      // The connection is closed rather than kept: the lock is gone whatever the database answers.
      release: () => release(new Error('the lock is given back')),
    };
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }
}
