import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { API_PREFIX, type Incident } from '@ioc/contract';
import { IntakeService } from '@ioc/server/intake/intake.service';
import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setAlarmDelays } from '../harness/alarm-rules.js';
import { hasChromium, launchBrowser } from '../harness/browser.js';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { eventually } from '../harness/eventually.js';
import { FleetWire } from '../harness/fleet-wire.js';
import { IncidentList } from '../harness/incident-list.js';
import { connectPublisher, type Publisher } from '../harness/publisher.js';
import { expectSoundScreen, openIn, SCREEN_SIZES } from '../harness/screen-check.js';
import { smallFleet, smallFleetCsv } from '../harness/small-fleet.js';
import { TestClock } from '../harness/test-clock.js';

const title = hasChromium
  ? 'the details of an isolated commune'
  : 'the details of an isolated commune (skipped: /usr/bin/chromium is missing)';

/** Trà Bồng: in the hills, behind a hub of its own. */
const COMMUNE = '21115';
const HUB = 'HUB-TRA-BONG';
const MINUTE = 60_000;

describe.skipIf(!hasChromium)(title, () => {
  const clock = new TestClock();
  const fleet = smallFleet([COMMUNE]);
  const stations = fleet.devices.filter(({ deviceClass }) => deviceClass === 'bts');
  const links = fleet.devices.filter(({ deviceClass }) => deviceClass === 'link');
  const nameOf = (id: string) => fleet.organisations.find((organisation) => organisation.id === id)?.name ?? id;
  const hubName = fleet.hubs.find(({ id }) => id === HUB)?.name ?? HUB;
  let system: TestConsole;
  let browser: Browser;
  let wire: Publisher;
  let isolated: Incident;
  let hub: Incident;
  let author: string;

  beforeAll(async () => {
    system = await startTestConsole({ register: smallFleetCsv([COMMUNE]), clock });
    await setAlarmDelays(system, { raise: 0, clear: 0 });
    await eventually(() => expect(system.running.app.get(IntakeService).visibility().seeing).toBe(true));
    wire = await connectPublisher(system.mqttUrl, { clientId: 'publisher' });
    const fleetWire = new FleetWire(wire, clock);
    await fleetWire.stations(stations, 'online');
    await fleetWire.links(links, 'online');
    const screen = await new IncidentList(await system.socket()).begin();
    const shown = (kind: Incident['kind']) => {
      const found = screen.open().find((incident) => incident.kind === kind);
      if (found === undefined) throw new Error(`no incident of the kind ${kind} is shown`);
      return found;
    };
    await fleetWire.links(links, 'offline');
    await fleetWire.stations(stations, 'offline');
    clock.advance(10 * MINUTE + 1_000);
    await fleetWire.stations(stations, 'offline');
    [isolated, hub] = await eventually(() => {
      const found = shown('communeIsolated');
      expect(found.cause?.code).toBe('hubFailure');
      return [found, shown('hubDown')];
    });
    const technician = await system.signedIn('technician');
    author = ((await technician.get(`${API_PREFIX}/session`).expect(200)).body as { name: string }).name;
    const subject = { kind: 'commune', id: COMMUNE };
    const at = new Date(clock.now()).toISOString();
    const expiresAt = new Date(clock.now() + 60 * MINUTE).toISOString();
    for (const fact of [
      { kind: 'reached', means: 'satellitePhone', note: 'nước đang rút' },
      { kind: 'roamingOn', host: 'VNPT', guests: ['VIETTEL'], note: '' },
    ]) {
      await technician
        .post(`${API_PREFIX}/facts`)
        .send({ subject, at, expiresAt, ...fact })
        .expect(201);
    }
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser.close();
    await wire.close();
    await system.stop();
  });

  /** For people to look at: IOC_TEST_SHOTS names a folder. */
  async function shoot(of: Locator, name: string): Promise<void> {
    const folder = process.env['IOC_TEST_SHOTS'];
    if (folder === undefined) return;
    await mkdir(folder, { recursive: true });
    await of.screenshot({ path: path.join(folder, `isolation-${name}.png`) });
  }

  it.each([
    {
      language: 'vi',
      section: 'Liên lạc ở Xã Trà Bồng',
      down: `${stations.length}/${stations.length} mất kết nối`,
      link: /^1\/1 mất kết nối từ .+\(10 phút/,
      nobody: 'không còn nhà mạng nào',
      behind: `gần như tất cả ở sau ${hubName}`,
      hub: 'Sự cố',
      reached: /Đã liên lạc được lúc \d\d:\d\d, điện thoại vệ tinh/,
      roaming: 'Đã bật chuyển vùng',
    },
    {
      language: 'en',
      section: 'What is left of Xã Trà Bồng',
      down: `${stations.length} of ${stations.length} down`,
      link: /^1 of 1 down since .+\(10 min/,
      nobody: 'none is left',
      behind: `nearly all of it hangs on ${hubName}`,
      hub: 'Incident',
      reached: /Reached at \d\d:\d\d, satellite phone/,
      roaming: 'Roaming switched on',
    },
  ] as const)('say in $language what is left of it, which hub it hangs on, and what people said', async (words) => {
    for (const size of [SCREEN_SIZES[0], SCREEN_SIZES[2]]) {
      const page = await openIn(browser, system.httpUrl, await system.cookieOf('operator'), {
        language: words.language,
        size,
      });
      await page.goto(`/incidents?incident=${isolated.id}`);
      const detail = page.locator('.incident-detail');
      const section = detail.locator('.isolation-facts').filter({ hasText: words.section });
      await section.getByText(words.down, { exact: true }).waitFor();
      await section.getByText(words.link).waitFor();
      await section.getByText(words.nobody, { exact: true }).waitFor();
      const down = [...new Set(stations.map(({ owner }) => owner))].sort().map(nameOf).join(', ');
      await section.getByText(down, { exact: true }).waitFor();
      await section.getByText(words.behind).waitFor();
      await section.getByText(words.reached).waitFor();
      await section.getByText('nước đang rút').waitFor();
      await section.getByText(words.roaming).waitFor();
      expect(await section.getByText(author).count()).toBe(2);
      await shoot(section, `${words.language}-${size.width}`);
      await expectSoundScreen(page, `isolation ${words.language} ${size.width}`);
      await section.getByRole('link', { name: `${words.hub} ${hub.id}` }).click();
      await detail.getByRole('heading', { level: 2, name: hub.title[words.language] }).waitFor();
      await section.waitFor({ state: 'detached' });
      await page.context().close();
    }
  });
});
