import type { Clock } from '@ioc/contract';
import type { Logger } from 'pino';
import type { Config } from './config/config.js';
import { startEmbeddedBroker } from './platform/embedded/broker.js';
import { MqttConsumer } from './platform/mqtt/consumer.js';
import type { MessageSource } from './platform/mqtt/message-source.js';

export interface OpenMessageSource {
  readonly source: MessageSource;
  /** Where a program on this machine publishes; with credentials if it needs any: never to be logged. */
  readonly url: string;
}

/** Where messages come from by the settings: the embedded broker, listening, or the session at an external one. */
export async function openMessageSource(config: Config, clock: Clock, logger: Logger): Promise<OpenMessageSource> {
  const { mqttUrl, mqttHost, mqttPassword, intakeWindow: window } = config;
  if (mqttUrl === undefined) {
    const broker = await startEmbeddedBroker({
      host: mqttHost,
      port: config.mqttPort,
      password: mqttPassword,
      window,
      clock,
      logger,
    });
    return { source: broker, url: localUrl(broker.url, mqttPassword) };
  }
  const source = new MqttConsumer({
    url: mqttUrl,
    clientId: config.mqttClientId,
    window,
    // What waited longer than the longest backfill would be rejected anyway.
    sessionExpiryS: Math.ceil(config.maxBackfillMs / 1_000),
    clock,
    logger,
  });
  return { source, url: mqttUrl };
}

/** "Every address" is none to connect to. */
function localUrl(brokerUrl: string, password: string | undefined): string {
  const url = new URL(brokerUrl);
  if (url.hostname === '0.0.0.0' || url.hostname === '[::]') url.hostname = '127.0.0.1';
  if (password !== undefined) {
    url.username = 'local';
    url.password = encodeURIComponent(password);
  }
  return url.href;
}

/** For a command that takes no messages. */
export const SILENT_SOURCE: MessageSource = {
  start: () => undefined,
  acknowledge: () => undefined,
  state: () => ({ connected: false, sinceMs: 0, unacknowledged: 0 }),
  stop: () => undefined,
  close: () => Promise.resolve(),
};
