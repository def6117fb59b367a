import { describe, expect, test } from 'vitest';
import { MAX_TEXT_LENGTH, situationText } from './situation-text.js';
import { quietDay, worstNight } from './situation.fixture.js';

describe('the report for a chat', () => {
  test.each(['vi', 'en'] as const)('keeps to 2,000 characters on the worst night, in %s', (language) => {
    const text = situationText(worstNight(), language);
    expect(text.length).toBeLessThanOrEqual(MAX_TEXT_LENGTH);
    // It is not cut in the middle: the last section is there.
    expect(text).toContain(language === 'vi' ? 'Ai đang xử lý việc gì: 200' : 'Who works on what: 200');
  });

  test('says as of when, against when, what is down and by how much more, and how many it left out', () => {
    const text = situationText(worstNight(), 'vi');
    expect(text).toContain('Tính đến 22:10 17/11/2026, so với báo cáo lúc 21:10');
    expect(text).toContain('[SỐ LIỆU MÔ PHỎNG]');
    expect(text).toContain('Trạm BTS: mất kết nối 1.233/3.700 (+35), chạy ắc quy 925, khôi phục 12');
    expect(text).toContain('Xã bị cô lập: 25');
    expect(text).toMatch(/(MỚI; )?từ 20:40; không mạng nào còn sóng; đã liên lạc được lúc 22:00/);
    expect(text).toMatch(/• và \d+ mục khác/);
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
