import { describe, expect, it } from 'vitest';
import { createI18n } from 'vue-i18n';
import messages from './messages.js';
import { repairText } from './repair-text.js';

const NOW = Date.parse('2026-11-20T12:00:00+07:00');
const beganAt = '2026-11-20T08:20:00+07:00';
const firstBeganAt = '2026-11-20T08:00:00+07:00';
const { t } = createI18n({
  legacy: false,
  locale: 'vi',
  messages: { vi: { alarms: messages.vi }, en: { alarms: messages.en } },
}).global;
const inBoth = (alarm: Parameters<typeof repairText>[0]) => [
  repairText(alarm, NOW, 'vi', (key, values) => t(key, values, { locale: 'vi' })),
  repairText(alarm, NOW, 'en', (key, values) => t(key, values, { locale: 'en' })),
];

describe('what late data made of an alarm', () => {
  it('is told with when it began and when it was told to have begun', () => {
    expect(inBoth({ repaired: 'moved', beganAt, firstBeganAt })).toEqual([
      'Sửa theo số liệu đến muộn: bắt đầu 08:20, trước đó ghi 08:00',
      'Repaired by late data: it began 08:20, told before as 08:00',
    ]);
  });

  it('is told without a moment that was not kept', () => {
    expect(inBoth({ repaired: 'moved', beganAt, firstBeganAt: null })).toEqual([
      'Sửa theo số liệu đến muộn: bắt đầu 08:20',
      'Repaired by late data: it began 08:20',
    ]);
  });

  it('says that there was nothing, and since when it was told', () => {
    const [vi, en] = inBoth({ repaired: 'removed', beganAt, firstBeganAt });
    expect(vi).toBe('Số liệu đến muộn cho thấy không gián đoạn; trước đó ghi từ 08:00');
    expect(en).toBe('Late data shows that there was no outage; told before as since 08:00');
    expect(inBoth({ repaired: 'removed', beganAt, firstBeganAt: null })[0]).toContain('từ 08:20');
  });

  it('is nothing when nothing was corrected', () => {
    expect(inBoth({ repaired: null, beganAt, firstBeganAt: null })).toEqual(['', '']);
  });
});
