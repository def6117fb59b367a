import type { Clock } from '@ioc/contract';
import type { Logger } from 'pino';
import type { Config } from './config/config.js';
import { startEmbeddedBroker } from './platform/embedded/broker.js';
import { MqttConsumer } from './platform/mqtt/consumer.js';
import type { MessageSource } from './platform/mqtt/message-source.js';

/** Where messages come from by the settings: the embedded broker, listening, or the session at an external one. */
export async function openMessageSource(
  config: Config,
  clock: Clock,
  logger: Logger,
): Promise<{ readonly source: MessageSource; readonly url: string }> {
  const window = config.intakeWindow;
  if (config.mqttUrl === undefined) {
    const broker = await startEmbeddedBroker({
      host: config.mqttHost,
      port: config.mqttPort,
      password: config.mqttPassword,
      window,
      clock,
      logger,
    });
    return { source: broker, url: broker.url };
  }
  const source = new MqttConsumer({
    url: config.mqttUrl,
    clientId: config.mqttClientId,
    window,
    // What waited longer than the longest backfill would be rejected anyway.
    sessionExpiryS: Math.ceil(config.maxBackfillMs / 1_000),
    clock,
    logger,
  });
  return { source, url: config.mqttUrl };
}
