import { readConfig, type Config } from './config/config.js';
import { consoleLogger, prepareDatabase, registerDemoFleet, startConsole, type RunningConsole } from './console.js';
import type { Logger } from 'pino';
import { systemClock } from './platform/clock/system-clock.js';
import { awaitDatabase } from './platform/database/await-database.js';
import { StartError } from './platform/start-error.js';

const USAGE = `Usage: node server/dist/main.js [serve | migrate | register-demo]
  serve          run the console (the default)
  migrate        bring the tables of IOC_DATABASE_URL to this version, apply the storage policy, and end
  register-demo  fill the empty register of IOC_DATABASE_URL with the demo fleet, and end
`;

/** A second Ctrl-C within this time is the terminal's and npm's copy of the first. */
const SAME_SIGNAL_MS = 1_000;

/** The command line of the server. Ends the process. */
export async function main(args: readonly string[]): Promise<void> {
  const [name = 'serve', ...surplus] = args;
  const command = COMMANDS[name];
  if (command === undefined || surplus.length > 0) {
    process.stderr.write(USAGE);
    process.exit(2);
  }
  const result = readConfig(process.env);
  if (!result.ok) fail(result.errors.join('\n'));
  const { config } = result;
  const logger = consoleLogger(config);
  try {
    await command(config, logger);
  } catch (error) {
    if (!(error instanceof StartError)) logger.debug({ err: error }, 'The start failed');
    fail(error instanceof Error ? error.message : String(error));
  }
}

const COMMANDS: Readonly<Record<string, ((config: Config, logger: Logger) => Promise<void>) | undefined>> = {
  serve,
  migrate: async (config, logger) => {
    await prepareDatabase(await externalDatabase(config, logger), config, systemClock(Date.now(), 1, logger), logger);
    process.exit(0);
  },
  'register-demo': async (config, logger) => {
    await registerDemoFleet(await externalDatabase(config, logger), config, logger);
    process.exit(0);
  },
};

async function externalDatabase({ databaseUrl }: Config, logger: Logger): Promise<string> {
  if (databaseUrl === undefined) throw new StartError('This works on a database of your own: set IOC_DATABASE_URL.');
  await awaitDatabase(databaseUrl, logger);
  return databaseUrl;
}

async function serve(config: Config, logger: Logger): Promise<void> {
  const giveUp = new AbortController();
  const starting = startConsole(config, { logger, signal: giveUp.signal });
  let stopping: { readonly sinceMs: number } | null = null;
  const stop = (why: string, exitCode: number) => {
    if (stopping !== null) {
      if (performance.now() - stopping.sinceMs < SAME_SIGNAL_MS) return;
      process.stderr.write('Stopped at once; what was not finished is sent again by the devices.\n');
      process.exit(130);
    }
    stopping = { sinceMs: performance.now() };
    process.stdout.write(`${why}: stopping in order…\n`);
    giveUp.abort();
    starting
      .then((running) => running.stop())
      .then(
        () => process.stdout.write('Stopped.\n'),
        () => undefined,
      )
      .finally(() => process.exit(exitCode));
  };
  process.on('SIGINT', () => stop('Ctrl-C', 0));
  process.on('SIGTERM', () => stop('Asked to end', 0));
  process.on('SIGHUP', () => stop('The terminal is gone', 0));
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'A fault of ours; the console stops');
    stop('A fault', 1);
  });
  const running = await starting.catch((error: unknown) => {
    // Given up: `stop` ends the process.
    if (giveUp.signal.aborted) return null;
    throw error;
  });
  if (running === null) return;
  void running.takenOver.then((sentence) => {
    logger.fatal(sentence);
    stop('Another console has the database', 1);
  });
  process.stdout.write(greeting(running, config));
}

/** What a newcomer needs to know, and nothing else. */
function greeting({ httpUrl, notice, simulated }: RunningConsole, config: Config): string {
  const url = new URL(httpUrl);
  if (url.hostname === '127.0.0.1' || url.hostname === '[::1]') url.hostname = 'localhost';
  const lines = [
    '',
    `  The console is at ${config.publicOrigin ?? url.origin}`,
    ...notice.lines.map((line) => `  ${line}`),
    ...(simulated ? ['  All telemetry shown is simulated; IOC_SIMULATE=0 starts without simulators.'] : []),
    '  Ctrl-C stops it.',
    '',
  ];
  return `${lines.join('\n')}\n`;
}

/** One sentence and exit code 1: no stack trace. */
function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

await main(process.argv.slice(2));
