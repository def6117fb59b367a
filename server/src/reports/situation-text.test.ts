import { describe, expect, test } from 'vitest';
import { MAX_TEXT_LENGTH, situationText } from './situation-text.js';
import { quietDay, worstNight } from './situation.fixture.js';

describe('the report for a chat', () => {
  test.each(['vi', 'en'] as const)('keeps to 2,000 characters on the worst night, in %s', (language) => {
    const text = situationText(worstNight(), language);
    expect(text.length).toBeLessThanOrEqual(MAX_TEXT_LENGTH);
    // The room is used, and it is not cut in the middle: the last section is there.
    expect(text.length).toBeGreaterThan(MAX_TEXT_LENGTH - 150);
    expect(text).toContain(language === 'vi' ? 'Ai đang xử lý việc gì: 200' : 'Who works on what: 200');
  });

  test('says as of when, against when, what is down and by how much more', () => {
    const text = situationText(worstNight(), 'vi');
    expect(text).toContain('Tính đến 22:10 17/11/2026, so với báo cáo lúc 21:10');
    expect(text).toContain('[SỐ LIỆU MÔ PHỎNG]');
    expect(text).toContain('Trạm BTS: mất kết nối 1.233/3.700 (+35), chạy ắc quy 925, khôi phục 12');
    expect(text).toContain('XÃ BỊ CÔ LẬP: 25');
    expect(text).toMatch(/(MỚI; )?từ 20:40; đã liên lạc được lúc 22:00/);
  });

  test('begins with the isolated communes and is cut from the other end, each list saying how much of it is missing', () => {
    const lines = situationText(worstNight(), 'vi').split('\n').slice(4);
    const sizes = new Map<string, number>();
    let missing = 0;
    let headline = '';
    for (const line of lines) {
      if (!line.startsWith('•')) headline = line.split(':')[0] ?? '';
      else if (/^• … và \d+ mục nữa$/.test(line)) missing += 1;
      else sizes.set(headline, (sizes.get(headline) ?? 0) + 1);
    }
    expect(lines[0]).toBe('XÃ BỊ CÔ LẬP: 25');
    expect(lines[1]).toBe('• Phường Cẩm Thành (MỚI; từ 20:40; đã liên lạc được lúc 22:00)');
    const isolated = sizes.get('XÃ BỊ CÔ LẬP') ?? 0;
    expect(isolated).toBeGreaterThan(6);
    // Of the others what one must see at least.
    for (const name of ['Xã gần cô lập', 'Trạm BTS', 'Nút truyền dẫn mất', 'Sông', 'Ai đang xử lý việc gì']) {
      expect(sizes.get(name), name).toBeGreaterThanOrEqual(2);
      expect(sizes.get(name), name).toBeLessThan(isolated);
    }
    expect(missing).toBeGreaterThanOrEqual(4);
    expect(sizes.get('Trạm BTS')).toBe(4);
  });

  test('counts what is left out', () => {
    const text = situationText(worstNight(), 'vi');
    const shown = text.split('\n').filter((line) => /^• .*từ 20:40; đã liên lạc/.test(line)).length;
    expect(text).toContain(`• … và ${25 - shown} mục nữa\nXã gần cô lập: 35`);
  });

  test('leaves nothing out when there is room', () => {
    const night = worstNight();
    const text = situationText({ ...night, communes: night.communes.slice(0, 5), work: night.work.slice(0, 1) }, 'en');
    for (const { name } of night.communes.slice(0, 5)) expect(text).toContain(`• ${name} (`);
    expect(text).toContain('• Incident 0 – Nguyễn Văn Đường · VNPT Quảng Ngãi QNI-20261117-001 · expected 03:00 18/11');
  });

  test('shows what people wrote as text, composed as a chat counts it', () => {
    const night = worstNight();
    const [commune] = night.communes;
    const [fact] = commune?.facts ?? [];
    if (commune === undefined || fact === undefined) throw new Error('the worst night has no commune');
    const other = { ...fact, kind: 'other' as const, note: '<b>gọi lại</b> ắc quy'.normalize('NFD') };
    const text = situationText({ ...night, communes: [{ ...commune, facts: [other] }] }, 'vi');
    expect(text).toContain('<b>gọi lại</b> ắc quy');
    expect(text).toBe(text.normalize('NFC'));
  });

  test('of a quiet day is short and says that nothing is', () => {
    const text = situationText(quietDay(), 'vi');
    expect(text.length).toBeLessThan(700);
    expect(text).toContain('báo cáo đầu tiên');
    expect(text).toContain('Không có xã nào bị cô lập');
    expect(text).toContain('Không có sự cố đang mở');
    expect(text).not.toContain('MÔ PHỎNG');
  });

  test('says when we saw nothing', () => {
    expect(situationText({ ...quietDay(), seeing: false }, 'vi')).toContain('KHÔNG NHẬN ĐƯỢC SỐ LIỆU');
  });
});
