import path from 'node:path';
import { z } from 'zod';
import { duration, flag, port, SECRET_KEY_TEXT, setting } from './setting.js';

/**
 * Every setting of the server. Values are text in the environment; an empty value counts as unset. All bad variables are
 * told at once, each by name.
 */
export const SETTINGS = {
  httpHost: setting({
    variable: 'IOC_HTTP_HOST',
    description: 'Address that the console listens on. Only loopback unless told otherwise.',
    shownDefault: '127.0.0.1',
    schema: z.string().default('127.0.0.1'),
  }),
  httpPort: setting({
    variable: 'IOC_HTTP_PORT',
    description: 'Port of the console. 0 takes a free one.',
    shownDefault: '8080',
    schema: port.default(8080),
  }),
  publicOrigin: setting({
    variable: 'IOC_PUBLIC_ORIGIN',
    description:
      'The address that browsers use when a proxy stands in front, such as `https://ioc.quangngai.gov.vn`; makes cookies Secure.',
    schema: z.url().optional(),
  }),
  mqttUrl: setting({
    variable: 'IOC_MQTT_URL',
    description: 'An external MQTT broker, `mqtt://` or `mqtts://`. Unset: an embedded broker.',
    secret: true,
    schema: z.url({ protocol: /^mqtts?$/ }).optional(),
  }),
  mqttHost: setting({
    variable: 'IOC_MQTT_HOST',
    description: 'Address of the embedded broker. Away from loopback it needs `IOC_MQTT_PASSWORD`.',
    shownDefault: '127.0.0.1',
    schema: z.string().default('127.0.0.1'),
  }),
  mqttPort: setting({
    variable: 'IOC_MQTT_PORT',
    description: 'Port of the embedded broker. 0 takes a free one.',
    shownDefault: '1883',
    schema: port.default(1883),
  }),
  mqttPassword: setting({
    variable: 'IOC_MQTT_PASSWORD',
    description: 'Password that devices must give to the embedded broker (any user name).',
    secret: true,
    schema: z.string().min(12).optional(),
  }),
  mqttClientId: setting({
    variable: 'IOC_MQTT_CLIENT_ID',
    description: 'Client id of the intake’s persistent session. Fixed: another one starts with an empty queue.',
    shownDefault: 'ioc-intake',
    schema: z.string().min(1).max(64).default('ioc-intake'),
  }),
  databaseUrl: setting({
    variable: 'IOC_DATABASE_URL',
    description: 'An external PostgreSQL 15–18, with TimescaleDB or without. Unset: an embedded PostgreSQL.',
    secret: true,
    schema: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  }),
  dataDir: setting({
    variable: 'IOC_DATA_DIR',
    description: 'Folder of the embedded database and of what is kept between starts.',
    shownDefault: '.data',
    schema: z
      .string()
      .default('.data')
      .transform((folder) => path.resolve(folder)),
  }),
  simulate: setting({
    variable: 'IOC_SIMULATE',
    description: '`1`: run the simulators; `0`: none. By default on only when both parts are embedded.',
    schema: flag.optional(),
  }),
  simulateScenario: setting({
    variable: 'IOC_SIMULATE_SCENARIO',
    description: 'The scenario that `npm start` simulates.',
    shownDefault: 'calm',
    schema: z
      .string()
      .regex(/^[a-z-]{1,40}$/)
      .default('calm'),
  }),
  demoPassword: setting({
    variable: 'IOC_DEMO_PASSWORD',
    description:
      'Password of the demo accounts. Unset: one is made, kept in the data folder (mode 600) and printed at every start.',
    secret: true,
    schema: z.string().min(12).optional(),
  }),
  boundaries: setting({
    variable: 'IOC_BOUNDARIES',
    description: 'GeoJSON or TopoJSON file of the 96 commune polygons for the geographic view.',
    schema: z.string().optional(),
  }),
  maxBackfillMs: setting({
    variable: 'IOC_MAX_BACKFILL',
    description: 'Readings older than this are rejected.',
    shownDefault: '7d',
    schema: duration.default(7 * 86_400_000),
  }),
  startGraceMs: setting({
    variable: 'IOC_START_GRACE',
    description: 'How long after a start silence is not judged.',
    shownDefault: '180s',
    schema: duration.default(180_000),
  }),
  rawRetentionMs: setting({
    variable: 'IOC_RAW_RETENTION',
    description:
      'How long raw readings are kept. By default 90 days on TimescaleDB (there never shorter than `IOC_MAX_BACKFILL` and two days), 3 days without it.',
    schema: duration.optional(),
  }),
  rollup5minRetentionMs: setting({
    variable: 'IOC_ROLLUP_5MIN_RETENTION',
    description:
      'How long roll-ups of 5 minutes are kept. By default 2 years on TimescaleDB, 30 days without it (there never shorter than `IOC_MAX_BACKFILL` and two days).',
    schema: duration.optional(),
  }),
  rollup1hRetentionMs: setting({
    variable: 'IOC_ROLLUP_1H_RETENTION',
    description:
      'How long roll-ups of 1 hour are kept. By default 10 years on TimescaleDB, 1 year without it. Those of 1 day are never removed.',
    schema: duration.optional(),
  }),
  incidentReopenMs: setting({
    variable: 'IOC_INCIDENT_REOPEN',
    description:
      'How long after its end an incident is reopened, with its holder, when what raised it comes back. After that it is closed.',
    shownDefault: '2h',
    schema: duration.default(2 * 3_600_000),
  }),
  acknowledgeCriticalMs: setting({
    variable: 'IOC_ACKNOWLEDGE_CRITICAL',
    description: 'How long a critical incident that is acknowledged and not taken to work stays acknowledged.',
    shownDefault: '30m',
    schema: duration.default(30 * 60_000),
  }),
  acknowledgeOtherMs: setting({
    variable: 'IOC_ACKNOWLEDGE_OTHER',
    description: 'The same for incidents that are not critical.',
    shownDefault: '4h',
    schema: duration.default(4 * 3_600_000),
  }),
  deadLetterLimit: setting({
    variable: 'IOC_DEAD_LETTER_LIMIT',
    description: 'How many rejected messages are kept to look at.',
    shownDefault: '10000',
    schema: z.coerce.number().int().min(100).max(1_000_000).default(10_000),
  }),
  intakeWindow: setting({
    variable: 'IOC_INTAKE_WINDOW',
    description: 'Most messages that wait for their commit at a time; beyond it the broker holds them.',
    shownDefault: '4000',
    schema: z.coerce.number().int().min(10).max(65_535).default(4_000),
  }),
  clockSpeed: setting({
    variable: 'IOC_CLOCK_SPEED',
    description: 'For rehearsals: how many times as fast the clock of server and simulators runs.',
    shownDefault: '1',
    schema: z.coerce.number().min(0.1).max(600).default(1),
  }),
  clockEpochMs: setting({
    variable: 'IOC_CLOCK_EPOCH',
    description: 'For rehearsals: the epoch milliseconds at which the fast clock equals the real one.',
    schema: z.coerce.number().int().optional(),
  }),
  metricsToken: setting({
    variable: 'IOC_METRICS_TOKEN',
    description:
      'Opens `/metrics` and the details of `/health/ready` to other machines, as `Authorization: Bearer …`. Unset: only to this machine and to people signed in.',
    secret: true,
    schema: z.string().min(16).optional(),
  }),
  smtpUrl: setting({
    variable: 'IOC_SMTP_URL',
    description:
      'The mail server for notifications, `smtp://user:password@host:587` (STARTTLS where it offers it) or `smtps://…`. Unset: no e-mail is sent, and screens say so. Needs `IOC_MAIL_FROM`.',
    secret: true,
    schema: z.url({ protocol: /^smtps?$/ }).optional(),
  }),
  mailFrom: setting({
    variable: 'IOC_MAIL_FROM',
    description: 'The address that notifications are sent from. It also tells push services whom to ask.',
    schema: z.email().max(254).optional(),
  }),
  webhookPrivate: setting({
    variable: 'IOC_WEBHOOK_PRIVATE',
    description:
      '`1`: webhooks and push messages may also go to loopback, link-local and private addresses, such as an integration platform in the same network.',
    shownDefault: '0',
    schema: flag.default(false),
  }),
  secretKey: setting({
    variable: 'IOC_SECRET_KEY',
    description:
      'The key that secrets of webhooks and of web push are encrypted with in the database: 32 bytes as base64 (`openssl rand -base64 32`). To change it put the new one first, then a comma and the old one; the next start encrypts with the first. Unset: one is made and kept in the data folder as `secret-key` (mode 600); keep a copy of it, and not beside those of the database.',
    secret: true,
    schema: z
      .string()
      .refine((text) => text.split(',').every((key) => SECRET_KEY_TEXT.test(key.trim())), {
        message: 'must be 32 bytes as base64, or several of these with commas between',
      })
      .optional(),
  }),
  outboundCa: setting({
    variable: 'IOC_OUTBOUND_CA',
    description:
      'PEM file of further certificate authorities that mail servers, webhooks and push services may show, such as that of the province.',
    schema: z.string().optional(),
  }),
  logLevel: setting({
    variable: 'IOC_LOG_LEVEL',
    description: '`trace`, `debug`, `info`, `warn`, `error` or `silent`.',
    shownDefault: 'info',
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  }),
} as const;

type Settings = typeof SETTINGS;
const shape = z.object(
  Object.fromEntries(Object.entries(SETTINGS).map(([name, { schema }]) => [name, schema])) as {
    [K in keyof Settings]: Settings[K]['schema'];
  },
);

export type Config = Readonly<z.output<typeof shape>>;

/** Database and broker both come with the console: what makes a demo. */
export function bothPartsEmbedded(config: Config): boolean {
  return config.databaseUrl === undefined && config.mqttUrl === undefined;
}

/** Whether simulators are to run. */
export function simulates(config: Config): boolean {
  return config.simulate ?? bothPartsEmbedded(config);
}

/** The values that must not be shown or logged. */
export function secretsOf(config: Config): readonly string[] {
  return Object.entries(SETTINGS).flatMap(([name, definition]) => {
    const value: unknown = Reflect.get(config, name);
    return 'secret' in definition && typeof value === 'string' ? [value] : [];
  });
}

export type ConfigResult =
  { readonly ok: true; readonly config: Config } | { readonly ok: false; readonly errors: readonly string[] };

/** Reads the environment; unknown `IOC_` variables are errors too, because they are usually misspelt. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): ConfigResult {
  const names = new Map<string, string>(Object.entries(SETTINGS).map(([name, { variable }]) => [name, variable]));
  const raw: Record<string, string> = {};
  for (const [name, variable] of names) {
    const text = environment[variable];
    if (text !== undefined && text !== '') raw[name] = text;
  }
  const known = new Set(names.values());
  const unknown = Object.keys(environment)
    .filter((variable) => variable.startsWith('IOC_') && !variable.startsWith('IOC_TEST_') && !known.has(variable))
    .map((variable) => `${variable}: there is no such setting`);
  const parsed = shape.safeParse(raw);
  if (!parsed.success) {
    const bad = parsed.error.issues.map((issue) => `${names.get(String(issue.path[0])) ?? '?'}: ${issue.message}`);
    return { ok: false, errors: [...bad, ...unknown] };
  }
  return unknown.length > 0 ? { ok: false, errors: unknown } : { ok: true, config: parsed.data };
}
