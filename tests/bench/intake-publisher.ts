import { connect } from 'node:net';

/**
 * Publishes at QoS 1 over MQTT 3.1.1 with hand-made frames, because a full client would cost as much as what is measured.
 * Started by intake-round.ts: `node intake-publisher.mjs URL WINDOW`; jobs come and results go over IPC.
 */
export interface PublishJob {
  readonly kind: 'single' | 'batch';
  readonly messages: number;
  /** Devices as `commune/class/id`, and the gateway of the batches. */
  readonly devices: readonly string[];
  readonly gateway: string;
  readonly readingsPerBatch: number;
  /** Sample time of the first reading; every further one of a device is a millisecond later. */
  readonly fromMs: number;
}

const [, , url = '', window = '2000'] = process.argv;
const target = new URL(url);
const socket = connect({ host: target.hostname, port: Number(target.port), noDelay: true });
const inflight = Number(window);
let waiting: (() => void) | null = null;
let unacknowledged = 0;
let nextId = 1;
let onAcknowledged: (() => void) | null = null;

function frame(type: number, body: Buffer): Buffer {
  const length: number[] = [];
  let rest = body.length;
  do {
    const digit = rest % 128;
    rest = Math.floor(rest / 128);
    length.push(rest > 0 ? digit | 0x80 : digit);
  } while (rest > 0);
  return Buffer.concat([Buffer.from([type, ...length]), body]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
}

const NAME = Buffer.concat([text('MQTT'), Buffer.from([4, 0b1100_0010, 0, 0])]);
socket.write(frame(0x10, Buffer.concat([NAME, text('bench-publisher'), text(target.username), text(target.password)])));

let received: Buffer = Buffer.alloc(0);
socket.on('data', (chunk: Buffer) => {
  received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
  let offset = 0;
  // CONNACK and PUBACK are four bytes each, and nothing else is sent to us.
  for (; offset + 4 <= received.length; offset += 4) {
    if (received[offset] === 0x20) process.send?.({ ready: true });
    else unacknowledged -= 1;
  }
  received = received.subarray(offset);
  if (unacknowledged < inflight / 2 && waiting !== null) {
    const go = waiting;
    waiting = null;
    go();
  }
  if (unacknowledged === 0) onAcknowledged?.();
});

function metricsAt(index: number): string {
  return (
    `{"mainsOn":${index % 50 !== 0},"dcVoltageV":${53 + (index % 100) / 100},"loadCurrentA":${20 + (index % 30) / 10},` +
    `"batteryPercent":${100 - (index % 20)},"cabinetTemperatureC":${30 + (index % 50) / 10},"doorOpen":false,` +
    `"prbUsagePercent":${index % 70},"connectedUsers":${index % 300},"dlThroughputMbps":${10 + (index % 200) / 10},"vswr":1.${index % 9}}`
  );
}

function publishFrame(topic: string, payload: string): Buffer {
  const id = nextId;
  nextId = nextId === 65_535 ? 1 : nextId + 1;
  unacknowledged += 1;
  return frame(0x32, Buffer.concat([text(topic), Buffer.from([id >> 8, id & 0xff]), Buffer.from(payload)]));
}

async function run(job: PublishJob): Promise<void> {
  const { devices, fromMs } = job;
  let reading = 0;
  const nextReading = () => {
    const device = devices[reading % devices.length] ?? '';
    const at = fromMs + Math.floor(reading / devices.length);
    const made = { device, at, metrics: metricsAt(reading) };
    reading += 1;
    return made;
  };
  for (let index = 0; index < job.messages;) {
    const frames: Buffer[] = [];
    const together = job.kind === 'single' ? 100 : 2;
    for (; frames.length < together && index < job.messages; index += 1) {
      if (job.kind === 'single') {
        const { device, at, metrics } = nextReading();
        frames.push(publishFrame(`ioc/v1/51/${device}/telemetry`, `{"ts":${at},"metrics":${metrics}}`));
      } else {
        const readings = Array.from({ length: job.readingsPerBatch }, () => {
          const { device, at, metrics } = nextReading();
          return `{"device":"${device.split('/')[2] ?? ''}","ts":${at},"metrics":${metrics}}`;
        });
        const payload = `{"ts":${fromMs},"readings":[${readings.join(',')}]}`;
        frames.push(publishFrame(`ioc/v1/51/gateways/${job.gateway}/batch`, payload));
      }
    }
    socket.write(Buffer.concat(frames));
    if (unacknowledged >= inflight) await new Promise<void>((resolve) => (waiting = resolve));
  }
  if (unacknowledged > 0) await new Promise<void>((resolve) => (onAcknowledged = resolve));
  onAcknowledged = null;
  process.send?.({ done: true });
}

process.on('message', (job: PublishJob) => void run(job));
process.on('disconnect', () => process.exit(0));
