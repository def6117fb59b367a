import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Clock } from '@ioc/contract';
import type { Logger } from 'pino';
import { AccessService, type StartNotice } from './access/access.service.js';
import { AppModule } from './app.module.js';
import { AttachmentsService } from './attachments/attachments.service.js';
import { bothPartsEmbedded, secretsOf, simulates, type Config } from './config/config.js';
import { ConnectivityService } from './connectivity/connectivity.service.js';
import { CoverageService } from './coverage/coverage.service.js';
import { fillEmptyRegister } from './demo/demo.js';
import { demoMeetings } from './demo/demo-meetings.js';
import { Simulators } from './demo/simulators.js';
import { DevicesService } from './devices/devices.service.js';
import { FactsService } from './facts/facts.service.js';
import { MetricsService } from './health/metrics.service.js';
import { IncidentsService } from './incidents/incidents.service.js';
import { IntakeService } from './intake/intake.service.js';
import { openMessageSource, SILENT_SOURCE } from './message-source.js';
import { MeetingsService } from './meetings/meetings.service.js';
import { NotificationsService } from './notifications/notifications.service.js';
import { systemClock } from './platform/clock/system-clock.js';
import { awaitDatabase } from './platform/database/await-database.js';
import { ConsoleLock } from './platform/database/console-lock.js';
import { Database } from './platform/database/database.js';
import { migrate } from './platform/database/migrate.js';
import { applyStoragePolicy } from './platform/database/storage-policy.js';
import { lockDataFolder, makeDataFolder } from './platform/embedded/data-folder.js';
import { startEmbeddedPostgres } from './platform/embedded/postgres.js';
import { configureHttp } from './platform/http/configure-http.js';
import { createLogger } from './platform/logging/logger.js';
import { nestLogger } from './platform/logging/nest-logger.js';
import { portError, requirePort } from './platform/web/port.js';
import { securityHeaders } from './platform/web/security-headers.js';
import { SocketAdapter } from './platform/web/socket-adapter.js';
import { CLIENT_FOLDER, webClient } from './platform/web/web-client.js';
import { refuseUnknownHosts } from './platform/web/known-host.js';
import { ReadingsService } from './readings/readings.service.js';
import { Shutdown } from './shutdown.js';

const DATABASE_CONNECTIONS = 12;
const STATEMENT_TIMEOUT_MS = 30_000;

export interface ConsoleOverrides {
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** Demo accounts, and a wall that opens from this machine without sign-in; by default only with both embedded parts. */
  readonly demo?: boolean;
  /** Gives a start up that is under way: what was begun is stopped again, and the start rejects. */
  readonly signal?: AbortSignal;
  /** Folder of the built client, for tests that bring their own. */
  readonly clientFolder?: string;
}

export interface RunningConsole {
  readonly httpUrl: string;
  /** With the credentials of the settings, if any: never to be logged. */
  readonly mqttUrl: string;
  /** With its password: never to be logged. */
  readonly databaseUrl: string;
  readonly app: NestExpressApplication;
  /** Accounts to tell the operator of. */
  readonly notice: StartNotice;
  readonly simulated: boolean;
  /** Resolves with one sentence when another console has taken the database: this one is to be stopped. */
  readonly takenOver: Promise<string>;
  /** Stops everything in order: simulators, intake (drained), sockets, pool, broker, PostgreSQL. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Starts the whole console: embedded parts for what the settings leave unset, tables, storage policy, state, intake, and
 * then it listens. When a step fails, what was begun is stopped again.
 *
 * @throws StartError for what an operator can mend; any other error is a fault of ours.
 */
export async function startConsole(config: Config, overrides: ConsoleOverrides = {}): Promise<RunningConsole> {
  const logger = overrides.logger ?? consoleLogger(config);
  const shutdown = new Shutdown(logger);
  try {
    return await start(config, logger, overrides, shutdown);
  } catch (error) {
    await shutdown.run();
    throw error;
  }
}

/** The log by the settings: for a person on a terminal and in the demo, else JSON. */
export function consoleLogger(config: Config): Logger {
  return createLogger({
    level: config.logLevel,
    human: process.stdout.isTTY || bothPartsEmbedded(config),
    secrets: secretsOf(config),
    write: (line) => process.stdout.write(line),
  });
}

async function start(
  config: Config,
  logger: Logger,
  overrides: ConsoleOverrides,
  shutdown: Shutdown,
): Promise<RunningConsole> {
  const clockEpochMs = config.clockEpochMs ?? Date.now();
  const clock = overrides.clock ?? systemClock(clockEpochMs, config.clockSpeed, logger);
  await requirePorts(config);
  await makeDataFolder(config.dataDir);
  shutdown.add('data folder', await lockDataFolder(config.dataDir));

  const databaseUrl = await openDatabase(config, logger, shutdown, overrides.signal);
  overrides.signal?.throwIfAborted();
  const lock = await ConsoleLock.take(databaseUrl, logger);
  shutdown.add('hold on the database', () => lock.release());
  await prepareDatabase(databaseUrl, config, clock, logger);
  const { source, url: mqttUrl } = await openMessageSource(config, clock, logger);
  shutdown.add('message source', () => source.close());
  const database = openPool(databaseUrl, logger, lock);
  shutdown.add('database connections', () => database.close());

  const app = await NestFactory.create<NestExpressApplication>(
    AppModule.forRoot({ config, clock, logger, database, messageSource: source }),
    { bodyParser: false, forceCloseConnections: true, logger: nestLogger(logger), abortOnError: false },
  );
  configureHttp(app);
  app.use(securityHeaders(config.publicOrigin), refuseUnknownHosts(config.publicOrigin));
  app.use(webClient(overrides.clientFolder ?? CLIENT_FOLDER));
  const sockets = new SocketAdapter(app, config.publicOrigin);
  app.useWebSocketAdapter(sockets);
  shutdown.add('HTTP and sockets', () => app.close());
  await app.init();

  const notice = await app.get(AccessService).start({ demo: overrides.demo ?? bothPartsEmbedded(config) });
  shutdown.add('access', () => app.get(AccessService).stop());
  overrides.signal?.throwIfAborted();
  await loadState(app, config, clock, logger);
  overrides.signal?.throwIfAborted();
  shutdown.add('readings', () => app.get(ReadingsService).stop());
  shutdown.add('notifications', () => app.get(NotificationsService).stop());
  shutdown.add('coverage', () => app.get(CoverageService).stop());
  app.get(AttachmentsService).start();
  shutdown.add('attachments', () => app.get(AttachmentsService).stop());
  const intake = app.get(IntakeService);
  shutdown.add('intake', () => intake.stop());
  const metrics = app.get(MetricsService);
  metrics.start(() => sockets.connectedSockets);
  shutdown.add('metrics', () => metrics.stop());
  await intake.start();
  await listen(app, config);

  const simulated = simulates(config);
  if (simulated) {
    const { simulateScenario: scenario, clockSpeed } = config;
    const simulators = new Simulators({ scenario, mqttUrl, clockSpeed, clockEpochMs, logger });
    shutdown.add('simulators', () => simulators.stop());
    simulators.start();
  }
  const httpUrl = await app.getUrl();
  const { takenOver } = lock;
  return { httpUrl, mqttUrl, databaseUrl, app, notice, simulated, takenOver, stop: () => shutdown.run() };
}

/** Before anything slow: a taken port must not cost a minute. */
async function requirePorts(config: Config): Promise<void> {
  await requirePort(config.httpHost, config.httpPort, 'IOC_HTTP_HOST', 'IOC_HTTP_PORT');
  if (config.mqttUrl === undefined) {
    await requirePort(config.mqttHost, config.mqttPort, 'IOC_MQTT_HOST', 'IOC_MQTT_PORT');
  }
}

async function openDatabase(
  config: Config,
  logger: Logger,
  shutdown: Shutdown,
  signal: AbortSignal | undefined,
): Promise<string> {
  if (config.databaseUrl !== undefined) {
    await awaitDatabase(config.databaseUrl, logger, signal);
    return config.databaseUrl;
  }
  logger.info('Starting the embedded database');
  const postgres = await startEmbeddedPostgres({ dataDir: config.dataDir, logger });
  const killIt = () => postgres.kill();
  // A last resort: an orderly stop takes the listener away again.
  process.once('exit', killIt);
  shutdown.add('embedded PostgreSQL', async () => {
    await postgres.stop();
    process.removeListener('exit', killIt);
  });
  return postgres.url;
}

function openPool(url: string, logger: Logger, lock: ConsoleLock | null): Database {
  return new Database({
    url,
    maxConnections: DATABASE_CONNECTIONS,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    onError: (error) => logger.warn({ err: error }, 'A connection to the database broke'),
    ...(lock === null ? {} : { requireWritable: () => lock.require() }),
  });
}

/** Brings the tables to this version and applies the storage policy. */
export async function prepareDatabase(
  databaseUrl: string,
  config: Config,
  clock: Clock,
  logger: Logger,
): Promise<void> {
  const { applied } = await migrate(databaseUrl);
  if (applied.length > 0) logger.info({ migrations: applied.length }, 'The tables are brought to this version');
  const { profile, extensionVersion } = await applyStoragePolicy(databaseUrl, config, clock.now());
  logger.info({ profile, extensionVersion }, 'The storage policy is applied');
}

/** Fills an empty register without starting anything else; nobody else may have it in memory. */
export async function registerDemoFleet(databaseUrl: string, config: Config, logger: Logger): Promise<void> {
  const clock = systemClock(Date.now(), 1, logger);
  const shutdown = new Shutdown(logger);
  try {
    const database = openPool(databaseUrl, logger, null);
    shutdown.add('database connections', () => database.close());
    const app = await NestFactory.createApplicationContext(
      AppModule.forRoot({ config, clock, logger, database, messageSource: SILENT_SOURCE }),
      { logger: nestLogger(logger), abortOnError: false },
    );
    shutdown.add('modules', () => app.close());
    const devices = app.get(DevicesService);
    await devices.start();
    await makeDataFolder(config.dataDir);
    await fillEmptyRegister(devices, config.dataDir, logger);
  } finally {
    await shutdown.run();
  }
}

/** What the last run knew, in the order of the modules: a restart must not look like an outage. */
async function loadState(app: NestExpressApplication, config: Config, clock: Clock, logger: Logger): Promise<void> {
  const devices = app.get(DevicesService);
  await devices.start();
  if (simulates(config)) await fillEmptyRegister(devices, config.dataDir, logger);
  logger.info({ devices: devices.register().devices.size }, 'Loading the last known state');
  await app.get(FactsService).start();
  await app.get(ReadingsService).start();
  await app.get(ConnectivityService).start();
  await app.get(IncidentsService).start();
  if (simulates(config)) await app.get(MeetingsService).enterSimulated(demoMeetings(clock.now()));
  await app.get(NotificationsService).start();
  await app.get(CoverageService).start();
}

async function listen(app: NestExpressApplication, config: Config): Promise<void> {
  try {
    await app.listen(config.httpPort, config.httpHost);
  } catch (error) {
    throw portError(error, config.httpHost, config.httpPort, 'IOC_HTTP_HOST', 'IOC_HTTP_PORT');
  }
}
