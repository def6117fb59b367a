import { deviceTopic, sessionInfo } from '@ioc/contract';
import mqtt, { type MqttClient } from 'mqtt';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setRaiseDelays } from '../harness/alarm-rules.js';
import { hasChromium, launchBrowser, openAs } from '../harness/browser.js';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { eventually } from '../harness/eventually.js';
import { smallFleet, smallFleetCsv } from '../harness/small-fleet.js';

const title = hasChromium
  ? 'an incident, seen by two people'
  : 'an incident, seen by two people (skipped: /usr/bin/chromium is missing)';

describe.skipIf(!hasChromium)(title, () => {
  let console_: TestConsole;
  let browser: Browser;
  let device: MqttClient;
  const cleanups: (() => Promise<unknown>)[] = [];
  const link = smallFleet().devices.find(({ deviceClass }) => deviceClass === 'link');
  if (link === undefined) throw new Error('the small fleet has no link');
  const session = Date.now();

  const say = (kind: 'telemetry' | 'status', payload: object) =>
    device.publishAsync(deviceTopic(link.commune, 'link', link.id, kind), JSON.stringify(payload), {
      qos: 1,
      retain: kind === 'status',
    });

  beforeAll(async () => {
    console_ = await startTestConsole({ register: smallFleetCsv() });
    cleanups.push(() => console_.stop());
    await setRaiseDelays(console_, 0);
    browser = await launchBrowser();
    cleanups.push(() => browser.close());
    device = await mqtt.connectAsync(console_.mqttUrl, { clientId: link.id, protocolVersion: 4 });
    cleanups.push(() => device.endAsync());
    await say('status', { ts: Date.now(), session, state: 'online' });
    await say('telemetry', { ts: Date.now(), metrics: { linkUp: true, rttMs: 8.4, lossPercent: 0 } });
  });

  afterAll(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
  });

  async function open(role: 'operator' | 'technician', path: string): Promise<Page> {
    const context = await openAs(browser, console_.httpUrl, await console_.cookieOf(role));
    const page = await context.newPage();
    await page.goto(path);
    return page;
  }

  it('appears on the wall and on both lists, is acknowledged on one page, and the other sees who has it', async () => {
    const wall = await open('operator', '/');
    const operator = await open('operator', '/incidents');
    const technician = await open('technician', '/incidents');
    await wall.locator('canvas').first().waitFor();

    await say('status', { ts: Date.now(), session, state: 'offline', reason: 'cable cut' });

    await wall.getByText(link.name).first().waitFor();
    await technician.getByText(link.name).first().waitFor();
    await operator.getByText(link.name).first().waitFor();
    const take = new RegExp(`Tiếp nhận.*${link.name}`);
    await operator.getByRole('button', { name: take }).click();
    await operator.getByRole('dialog').waitFor();
    await technician.getByRole('button', { name: take }).click();
    const dialog = technician.getByRole('dialog');
    await dialog.getByRole('textbox', { name: /Ghi chú/ }).fill('Đang đến trạm, dự kiến 30 phút');
    await dialog.getByRole('button', { name: 'Tiếp nhận, tôi xử lý' }).click();
    await dialog.waitFor({ state: 'detached' });

    const agent = await console_.signedIn('technician');
    const who = sessionInfo.parse((await agent.get('/api/v1/session').expect(200)).body);
    const loser = operator.getByRole('dialog');
    await loser.getByRole('alert').getByText(who.name).waitFor();
    await loser.getByText('Đang đến trạm, dự kiến 30 phút').waitFor();
    await operator.keyboard.press('Escape');
    await loser.waitFor({ state: 'detached' });

    const row = operator.getByRole('row').filter({ hasText: link.name });
    await row.getByText(who.name).waitFor();
    await row.getByText('Đang đến trạm, dự kiến 30 phút').waitFor();
    await eventually(async () => expect(await row.getByRole('button', { name: /Tiếp nhận/ }).count()).toBe(0));
  });

  it('resolves by itself when the link is back', async () => {
    const page = await open('operator', '/incidents');
    await page.getByText(link.name).first().waitFor();
    await say('status', { ts: Date.now(), session: session + 1, state: 'online' });
    await say('telemetry', { ts: Date.now(), metrics: { linkUp: true, rttMs: 9.1, lossPercent: 0 } });
    await page.getByRole('row').filter({ hasText: link.name }).filter({ hasText: 'Đã hết' }).waitFor();
  });
});
