import { describe, expect, it } from 'vitest';
import { device, GATEWAY, JudgedWorld, link, sensor, T0 } from './judge-world.fixture.js';

const station = device('BTS-1');
const neighbour = device('BTS-2');

describe('what devices and gateways say', () => {
  it('a device that was never heard is stale, and its first reading brings it up without an outage', () => {
    const world = new JudgedWorld([station]);
    expect(world.state(station)).toMatchObject({ connectivity: 'stale', reason: 'never-heard' });
    const judgement = world.hear(world.batch(), world.reading(station));
    expect(world.state(station)).toMatchObject({ connectivity: 'up', sinceMs: T0, reason: null });
    expect(judgement.changes).toMatchObject([{ from: 'stale', to: 'up' }]);
    expect(world.outagesOpened()).toEqual([]);
  });

  it('a gateway that says a station is offline opens a said outage at the said moment, and a reading ends it', () => {
    const world = new JudgedWorld([station]);
    world.hear(world.batch(), world.reading(station));
    world.nowMs += 10_000;
    world.hear(world.reading(station, { said: 'offline', reason: 'power', atMs: world.nowMs - 2_000 }));
    expect(world.state(station)).toMatchObject({ connectivity: 'down', sinceMs: T0 + 8_000, reason: 'power' });
    expect(world.outagesOpened()).toMatchObject([{ beganAtMs: T0 + 8_000, basis: 'said', endedAtMs: null }]);
    world.nowMs += 60_000;
    world.hear(world.reading(station));
    expect(world.outagesClosed()).toMatchObject([{ beganAtMs: T0 + 8_000, endedAtMs: T0 + 70_000 }]);
    expect(world.state(station)).toMatchObject({ connectivity: 'up', outage: null });
  });

  it('an older reading that arrives late changes nothing live', () => {
    const world = new JudgedWorld([station]);
    world.hear(world.reading(station));
    world.nowMs += 60_000;
    world.hear(world.reading(station, { said: 'offline' }));
    world.hear(
      world.reading(station, { atMs: T0 + 30_000 }),
      world.reading(station, { live: false, atMs: T0 + 50_000 }),
    );
    expect(world.state(station).connectivity).toBe('down');
  });

  it('a link whose own router says that the line is cut is down although the router talks', () => {
    const world = new JudgedWorld([link]);
    world.hear(world.session(link, 'online', 1), world.reading(link, { metrics: { linkUp: true } }));
    world.nowMs += 5_000;
    world.hear(world.reading(link, { metrics: { linkUp: false } }));
    expect(world.state(link)).toMatchObject({ connectivity: 'down', reason: 'line-down' });
    world.nowMs += 5_000;
    world.hear(world.session(link, 'online', 2));
    expect(world.state(link).connectivity).toBe('down');
    world.hear(world.reading(link, { metrics: { linkUp: true } }));
    expect(world.state(link).connectivity).toBe('up');
  });

  it('a last will happened at the last reading, not at the connect whose time it carries', () => {
    const world = new JudgedWorld([sensor]);
    world.hear(world.session(sensor, 'online', 7));
    world.nowMs += 60_000;
    world.hear(world.reading(sensor));
    world.nowMs += 45_000;
    world.hear(world.session(sensor, 'offline', 7, { atMs: T0 }));
    expect(world.outagesOpened()).toMatchObject([
      { beganAtMs: T0 + 60_000, detectedAtMs: T0 + 105_000, basis: 'said' },
    ]);
  });

  it('a farewell happened when it says, and at the latest on arrival', () => {
    const world = new JudgedWorld([sensor, link]);
    world.hear(world.reading(sensor), world.reading(link));
    world.nowMs += 30_000;
    world.hear(
      world.session(sensor, 'offline', 7, { atMs: T0 + 20_000, reason: 'power-off' }),
      world.session(link, 'offline', 7, { atMs: T0 + 900_000 }),
    );
    expect(world.state(sensor)).toMatchObject({ connectivity: 'down', sinceMs: T0 + 20_000, reason: 'power-off' });
    expect(world.state(link).sinceMs).toBe(T0 + 30_000);
  });

  it('the last will of an older session never overrides a newer birth', () => {
    const world = new JudgedWorld([sensor]);
    world.hear(world.session(sensor, 'online', 7), world.session(sensor, 'online', 8));
    world.hear(world.session(sensor, 'offline', 7));
    expect(world.state(sensor)).toMatchObject({ connectivity: 'up', session: 8 });
    expect(world.outagesOpened()).toEqual([]);
  });

  it('the last reading, delivered again behind the last will, does not undo it', () => {
    const world = new JudgedWorld([sensor]);
    const last = world.reading(sensor);
    world.hear(last);
    world.nowMs += 90_000;
    world.hear(world.session(sensor, 'offline', 7, { atMs: T0 - 1 }));
    world.hear(last);
    expect(world.state(sensor).connectivity).toBe('down');
  });

  it('a device whose clock runs ahead can still be said to be offline', () => {
    const world = new JudgedWorld([station]);
    world.hear(world.reading(station, { atMs: T0 + 240_000 }));
    world.nowMs += 10_000;
    world.hear(world.reading(station, { said: 'offline' }));
    expect(world.state(station).connectivity).toBe('down');
  });

  it('a flap within one batch leaves both outages and the last state', () => {
    const world = new JudgedWorld([station]);
    world.hear(world.reading(station));
    world.nowMs += 40_000;
    const judgement = world.hear(
      world.reading(station, { said: 'offline', atMs: T0 + 10_000 }),
      world.reading(station, { atMs: T0 + 20_000 }),
      world.reading(station, { said: 'offline', atMs: T0 + 30_000 }),
    );
    expect(judgement.outagesOpened).toMatchObject([
      { beganAtMs: T0 + 10_000, endedAtMs: T0 + 20_000 },
      { beganAtMs: T0 + 30_000, endedAtMs: null },
    ]);
    expect(judgement.outagesClosed).toEqual([]);
    expect(world.state(station).connectivity).toBe('down');
  });

  it('judging changes nothing until the judgement is accepted, and a judgement of an older state is refused', async () => {
    const { judgeObservations } = await import('./judge-observations.js');
    const world = new JudgedWorld([station]);
    const first = judgeObservations(world.model, [world.reading(station)], world.nowMs, world.visibility);
    const second = judgeObservations(world.model, [world.reading(station)], world.nowMs, world.visibility);
    expect(world.state(station).connectivity).toBe('stale');
    world.accept(first);
    expect(world.state(station).connectivity).toBe('up');
    expect(() => world.accept(second)).toThrow(/cannot follow/);
  });
});

describe('a gateway', () => {
  it('that goes offline blinds its devices, keeps what they were, and opens no outage', () => {
    const world = new JudgedWorld([station, neighbour]);
    world.hear(world.batch(), world.reading(station), world.reading(neighbour, { said: 'offline' }));
    const opened = world.outagesOpened().length;
    world.nowMs += 5_000;
    const judgement = world.hear(world.gatewaySession('offline', 1, { atMs: T0 - 50_000 }));
    expect(world.state(station)).toMatchObject({ connectivity: 'blind', lastKnown: 'up', reason: 'gateway-offline' });
    expect(world.state(neighbour)).toMatchObject({ connectivity: 'blind', lastKnown: 'down' });
    expect(world.model.gateways.get(GATEWAY)).toMatchObject({ connectivity: 'blind', sinceMs: T0 });
    expect(judgement.blindSpans).toMatchObject([{ gatewayId: GATEWAY, edge: 'began', beganAtMs: T0 }]);
    expect(world.outagesOpened()).toHaveLength(opened);
  });

  it('that comes back shows the devices it reports at once, and the others after a grace', () => {
    const world = new JudgedWorld([station, neighbour]);
    world.hear(world.batch(), world.reading(station), world.reading(neighbour));
    world.hear(world.gatewaySession('offline', 1));
    world.pass(600_000);
    world.hear(world.gatewaySession('online', 2));
    world.pass(170_000, world.batches([station]));
    expect(world.state(station).connectivity).toBe('up');
    expect(world.state(neighbour)).toMatchObject({ connectivity: 'blind', lastKnown: 'up' });
    world.pass(40_000, world.batches([station]));
    expect(world.state(neighbour).connectivity).toBe('down');
    // What it did while we could not see is not known: the outage begins when we could see again.
    expect(world.outagesOpened()).toMatchObject([
      { device: { id: 'BTS-2' }, basis: 'inferred', beganAtMs: T0 + 610_000 },
    ]);
  });

  it('that goes while an outage is open keeps that outage, with its own beginning', () => {
    const world = new JudgedWorld([station, neighbour]);
    world.hear(world.batch(), world.reading(station), world.reading(neighbour));
    world.nowMs += 10_000;
    world.hear(world.reading(neighbour, { said: 'offline' }));
    world.hear(world.gatewaySession('offline', 1));
    world.pass(60_000);
    world.hear(world.gatewaySession('online', 2));
    world.pass(240_000, world.batches([station]));
    expect(world.state(neighbour)).toMatchObject({ connectivity: 'down', sinceMs: T0 + 10_000 });
    expect(world.outagesOpened()).toHaveLength(1);
    expect(world.outagesClosed()).toEqual([]);
  });

  it('whose will arrives while our own intake is broken is not believed', () => {
    const world = new JudgedWorld([station, sensor]);
    world.hear(world.batch(), world.reading(station), world.reading(sensor));
    world.visibility = { seeing: false, reason: 'database', sinceMs: T0 + 1_000 };
    world.pass(30_000);
    world.hear(
      world.gatewaySession('offline', 1, { atMs: T0 - 1_000 }),
      world.session(sensor, 'offline', 1, { atMs: T0 - 1_000 }),
    );
    expect(world.state(station).connectivity).toBe('up');
    expect(world.state(sensor).connectivity).toBe('up');
  });
});
