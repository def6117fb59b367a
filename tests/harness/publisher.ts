import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';

export interface Publisher {
  readonly client: MqttClient;
  /** Publishes at QoS 1; resolves when the broker has acknowledged. Objects go as JSON. */
  publish(topic: string, payload: object | string | Buffer, options?: { readonly retain?: boolean }): Promise<void>;
  close(): Promise<void>;
}

/** A real MQTT client, as a device or gateway is one. */
export async function connectPublisher(url: string, options: IClientOptions = {}): Promise<Publisher> {
  const client = await mqtt.connectAsync(url, { reconnectPeriod: 100, ...options });
  return {
    client,
    publish: async (topic, payload, { retain = false } = {}) => {
      const bytes = Buffer.isBuffer(payload) || typeof payload === 'string' ? payload : JSON.stringify(payload);
      await client.publishAsync(topic, bytes, { qos: 1, retain });
    },
    close: () => client.endAsync(true),
  };
}
