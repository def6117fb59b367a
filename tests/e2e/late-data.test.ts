import { deviceTopic } from '@ioc/contract';
import { AlarmsService } from '@ioc/server/alarms/alarms.service';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setAlarmDelays } from '../harness/alarm-rules.js';
import { hasChromium, launchBrowser } from '../harness/browser.js';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { eventually } from '../harness/eventually.js';
import { connectPublisher, type Publisher } from '../harness/publisher.js';
import { expectSoundScreen, openIn, SCREEN_SIZES } from '../harness/screen-check.js';
import { smallFleet, smallFleetCsv } from '../harness/small-fleet.js';
import { TestClock } from '../harness/test-clock.js';

const title = hasChromium
  ? 'what late data repaired'
  : 'what late data repaired (skipped: /usr/bin/chromium is missing)';
const MINUTE = 60_000;

describe.skipIf(!hasChromium)(title, () => {
  const clock = new TestClock();
  const link = smallFleet().devices.find(({ deviceClass }) => deviceClass === 'link');
  if (link === undefined) throw new Error('the small fleet has no link');
  let system: TestConsole;
  let browser: Browser;
  let wire: Publisher;

  beforeAll(async () => {
    system = await startTestConsole({ register: smallFleetCsv(), clock });
    await setAlarmDelays(system, { raise: 0, clear: 0 });
    wire = await connectPublisher(system.mqttUrl, { clientId: link.id });
    const session = clock.now();
    const say = (state: string) =>
      wire.publish(deviceTopic(link.commune, 'link', link.id, 'status'), { ts: clock.now(), session, state });
    const loss = () =>
      [...system.running.app.get(AlarmsService).current()].find(
        ({ deviceId, type }) => deviceId === link.id && type === 'connectivityLost',
      );
    await say('online');
    const offAtMs = clock.now();
    await say('offline');
    await eventually(() => expect(loss()).toBeDefined());
    clock.advance(10 * MINUTE);
    await wire.publish(deviceTopic(link.commune, 'link', link.id, 'telemetry'), {
      ts: offAtMs + 5 * MINUTE,
      historical: true,
      metrics: { linkUp: true },
    });
    await eventually(() => expect(loss()?.beganAtMs).toBe(offAtMs + 5 * MINUTE));
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser.close();
    await wire.close();
    await system.stop();
  });

  it.each([
    {
      language: 'vi',
      alarm: /^Sửa theo số liệu đến muộn: bắt đầu \d\d:\d\d, trước đó ghi \d\d:\d\d$/,
      outage: /^Đã sửa theo số liệu đến muộn: (Rút ngắn|Tách đoạn): dữ liệu đến muộn cho thấy [^·]+$/,
    },
    {
      language: 'en',
      alarm: /^Repaired by late data: it began \d\d:\d\d, told before as \d\d:\d\d$/,
      outage: /^Repaired by late data: (Shortened|Split): late data shows [^·]+$/,
    },
  ] as const)('is told in $language with the alarm and with the outage', async ({ language, alarm, outage }) => {
    for (const size of [SCREEN_SIZES[0], SCREEN_SIZES[2]]) {
      const cookie = await system.cookieOf('operator');
      const page = await openIn(browser, system.httpUrl, cookie, { language, size });
      await page.goto('/alarms');
      await page.getByRole('row').filter({ hasText: link.name }).getByText(alarm).waitFor();
      await expectSoundScreen(page, `alarms ${language} ${size.width}`);
      await page.goto(`/devices/${link.id}`);
      await page.getByText(outage).waitFor();
      await page.context().close();
    }
  });
});
