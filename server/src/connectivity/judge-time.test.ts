import { describe, expect, it } from 'vitest';
import { unheardDevice, type DeviceState } from './device-state.js';
import { device, GATEWAY, JudgedWorld, link, sensor, T0 } from './judge-world.fixture.js';

const station = device('BTS-1');
const neighbour = device('BTS-2');

const lastKnown = (state: Partial<DeviceState>): DeviceState => ({ ...unheardDevice(T0 - 60_000), ...state });

describe('silence', () => {
  it('behind a gateway whose other stations report is an inferred outage since the last reading', () => {
    const world = new JudgedWorld([station, neighbour]);
    world.pass(60_000, world.batches([station, neighbour]));
    world.pass(179_000, world.batches([neighbour]));
    expect(world.state(station).connectivity).toBe('up');
    world.pass(21_000, world.batches([neighbour]));
    expect(world.state(station)).toMatchObject({ connectivity: 'down', sinceMs: T0 + 60_000, reason: 'silent' });
    expect(world.state(neighbour).connectivity).toBe('up');
    expect(world.outagesOpened()).toMatchObject([
      { basis: 'inferred', beganAtMs: T0 + 60_000, device: { id: 'BTS-1' } },
    ]);
  });

  it('of a gateway blinds its stations and infers nothing, whichever limit runs out first', () => {
    const world = new JudgedWorld([station, neighbour]);
    world.pass(60_000, world.batches([station, neighbour]));
    world.pass(600_000);
    expect(world.state(station)).toMatchObject({ connectivity: 'blind', lastKnown: 'up', reason: 'gateway-silent' });
    expect(world.outagesOpened()).toEqual([]);
    expect(world.model.gateways.get(GATEWAY)).toMatchObject({ connectivity: 'blind', sinceMs: T0 + 60_000 });
  });

  it('of a gateway that reports every 10 s is seen after three of its rounds', () => {
    const world = new JudgedWorld([station]);
    world.pass(300_000, world.batches([station]));
    const gateway = world.model.gateways.get(GATEWAY);
    expect(gateway?.batchIntervalMs).toBe(10_000);
    world.pass(29_000);
    expect(world.state(station).connectivity).toBe('up');
    world.pass(2_000);
    expect(world.state(station).connectivity).toBe('blind');
  });

  it('of all stations behind a gateway that goes on sending empty batches makes them stale, not down', () => {
    const world = new JudgedWorld([station, neighbour]);
    world.pass(60_000, world.batches([station, neighbour]));
    world.pass(400_000, world.batches([]));
    expect(world.state(station)).toMatchObject({ connectivity: 'stale', reason: 'silent' });
    expect(world.outagesOpened()).toEqual([]);
  });

  it('of a station that was never heard stays stale', () => {
    const world = new JudgedWorld([station, neighbour]);
    world.pass(600_000, world.batches([neighbour]));
    expect(world.state(station)).toMatchObject({ connectivity: 'stale', reason: 'never-heard' });
    expect(world.outagesOpened()).toEqual([]);
  });

  it('of a device with a session of its own makes it stale, after three intervals or 180 s', () => {
    const slow = device('FLOOD-2', { deviceClass: 'flood', gatewayId: null, reportingIntervalMs: 300_000 });
    const world = new JudgedWorld([sensor, slow]);
    world.hear(world.reading(sensor), world.reading(slow));
    world.pass(179_000);
    expect(world.state(sensor).connectivity).toBe('up');
    world.pass(2_000);
    expect(world.state(sensor)).toMatchObject({ connectivity: 'stale', sinceMs: T0 });
    expect(world.state(slow).connectivity).toBe('up');
    world.pass(720_000);
    expect(world.state(slow).connectivity).toBe('stale');
    expect(world.outagesOpened()).toEqual([]);
  });

  it('of a device that is down leaves it down', () => {
    const world = new JudgedWorld([link]);
    world.hear(world.reading(link), world.session(link, 'offline', 1));
    world.pass(600_000);
    expect(world.state(link).connectivity).toBe('down');
  });

  it('is ours while our intake is broken, and counts anew when we see again', () => {
    const world = new JudgedWorld([station, neighbour, sensor]);
    world.pass(60_000, world.batches([station, neighbour]));
    world.hear(world.reading(sensor));
    world.visibility = { seeing: false, reason: 'database', sinceMs: world.nowMs };
    world.pass(3_600_000);
    expect(world.state(sensor).connectivity).toBe('up');
    world.visibility = { seeing: true, reason: null, sinceMs: world.nowMs };
    world.pass(170_000, world.batches([neighbour]));
    expect(world.state(station).connectivity).toBe('up');
    expect(world.state(sensor).connectivity).toBe('up');
    const spans = world.judgements.flatMap(({ blindSpans }) => blindSpans);
    expect(spans).toMatchObject([{ gatewayId: null, edge: 'ended', beganAtMs: T0 + 60_000, reason: 'database' }]);
    world.pass(40_000, world.batches([neighbour]));
    expect(world.state(station).connectivity).toBe('down');
  });
});

describe('a restart', () => {
  const loaded = {
    devices: new Map([
      [
        station.id,
        lastKnown({ connectivity: 'up', lastKnown: 'up', servedAtMs: T0 - 60_000, judgedAtMs: T0 - 60_000 }),
      ],
      [
        neighbour.id,
        lastKnown({ connectivity: 'up', lastKnown: 'up', servedAtMs: T0 - 60_000, judgedAtMs: T0 - 60_000 }),
      ],
    ]),
    heartbeatAtMs: T0 - 50_000,
  };

  it('keeps the last known state and judges no silence within the grace', () => {
    const world = new JudgedWorld([station, neighbour], { loaded, graceMs: 180_000 });
    world.pass(175_000, world.batches([neighbour]));
    expect(world.state(station).connectivity).toBe('up');
    expect(world.outagesOpened()).toEqual([]);
    world.pass(60_000, world.batches([neighbour]));
    expect(world.state(station)).toMatchObject({ connectivity: 'down', sinceMs: T0 - 60_000 });
  });

  it('keeps as blind the time since the last heartbeat', () => {
    const world = new JudgedWorld([station], { loaded, graceMs: 180_000 });
    world.pass(1_000);
    const spans = world.judgements.flatMap(({ blindSpans }) => blindSpans);
    expect(spans).toMatchObject([{ gatewayId: null, beganAtMs: T0 - 50_000, endedAtMs: T0, reason: 'starting' }]);
  });

  it('takes what retained statuses say: an offline that came while we were away, and a newer birth', () => {
    const down = lastKnown({
      connectivity: 'down',
      lastKnown: 'down',
      session: 4,
      sessionState: 'offline',
      outage: { beganAtMs: T0 - 60_000, detectedAtMs: T0 - 60_000, basis: 'said', reason: null },
    });
    const up = lastKnown({
      connectivity: 'up',
      lastKnown: 'up',
      session: 4,
      sessionState: 'online',
      servedAtMs: T0 - 90_000,
    });
    const world = new JudgedWorld([link, sensor], {
      loaded: {
        devices: new Map([
          [link.id, down],
          [sensor.id, up],
        ]),
      },
      graceMs: 180_000,
    });
    world.hear(
      world.session(link, 'online', 5, { retained: true, atMs: T0 - 30_000 }),
      world.session(sensor, 'offline', 4, { retained: true, atMs: T0 - 600_000 }),
    );
    expect(world.state(link).connectivity).toBe('up');
    expect(world.outagesClosed()).toMatchObject([{ endedAtMs: T0 - 30_000 }]);
    expect(world.state(sensor)).toMatchObject({ connectivity: 'down', sinceMs: T0 - 90_000 });
  });
});

describe('an inferred outage', () => {
  it('is taken back when the first live reading proves service within the missed intervals', () => {
    const world = new JudgedWorld([station, neighbour]);
    world.pass(60_000, world.batches([station, neighbour]));
    world.pass(200_000, world.batches([neighbour]));
    expect(world.state(station).connectivity).toBe('down');
    world.hear(world.reading(station, { atMs: T0 + 70_000, metrics: { connectedUsers: 12 } }));
    expect(world.outagesClosed()).toMatchObject([{ beganAtMs: T0 + 60_000, endedAtMs: T0 + 60_000 }]);
  });

  it('ends with the first live reading when that one proves no service', () => {
    const world = new JudgedWorld([station, neighbour]);
    world.pass(60_000, world.batches([station, neighbour]));
    world.pass(200_000, world.batches([neighbour]));
    world.hear(world.reading(station, { atMs: T0 + 70_000, metrics: { mainsOn: true, connectedUsers: 0 } }));
    expect(world.outagesClosed()).toMatchObject([{ beganAtMs: T0 + 60_000, endedAtMs: T0 + 70_000 }]);
  });
});

describe('the passing of time', () => {
  it('looks once at a device in the time in which its silence could have run out, not once a second', () => {
    const many = Array.from({ length: 5_000 }, (_, index) =>
      device(`BTS-${index}`, { communeCode: String(20_000 + (index % 96)) }),
    );
    const world = new JudgedWorld(many);
    world.pass(360_000, (nowMs) => {
      if ((nowMs - T0) % 60_000 === 1_000) world.hear(world.batch(), ...many.map((each) => world.reading(each)));
    });
    const looks = world.judgements.reduce((sum, { deadlines }) => sum + deadlines.taken.length, 0);
    expect(looks).toBe(many.length);
    expect(world.outagesOpened()).toEqual([]);
  });
});
