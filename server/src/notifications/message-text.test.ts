import type { Incident } from '@ioc/contract';
import { describe, expect, it } from 'vitest';
import { digestMessage, incidentMessage } from './message-text.js';

const incident: Incident = {
  id: '12',
  version: 1,
  state: 'open',
  kind: 'hubDown',
  title: { vi: 'Nút truyền dẫn H-07 mất kết nối', en: 'Hub H-07 down' },
  severity: 'critical',
  impact: 'critical',
  place: { kind: 'hub', id: 'H-07', name: 'H-07' },
  deviceId: null,
  deviceName: null,
  deviceClass: null,
  communeCode: '21025',
  communeName: 'Phường Cẩm Thành',
  communeCodes: ['21025', '21115'],
  owner: 'VNPT',
  basis: 'inferred',
  reason: null,
  counts: { alarms: 201, symptoms: 200, devices: 200, devicesDown: 180 },
  cause: {
    code: 'hubFailure',
    evidence: { vi: '180 trong 200 trạm sau nút H-07 mất trong 40 giây', en: '180 of 200' },
    namedBy: null,
  },
  proposals: 0,
  beganAt: '2026-01-12T05:00:00.000Z',
  detectedAt: '2026-01-12T05:00:00.000Z',
  endedAt: null,
  acknowledgedBy: null,
  acknowledgedAt: null,
  acknowledgedUntil: null,
  note: null,
  expectedAt: null,
  request: null,
  resolution: null,
  reopenings: 0,
  mergedInto: null,
};

describe('what a person reads', () => {
  it('says what, how bad, where, since when and why, in Vietnamese, with a line of English and a link', () => {
    expect(incidentMessage(incident, 'opened', 'https://ioc.example')).toEqual({
      title: '[Nghiêm trọng] Nút truyền dẫn H-07 mất kết nối',
      text: [
        'Sự cố mới: Nút truyền dẫn H-07 mất kết nối',
        'Mức: Nghiêm trọng · Từ: 12:00 12/01/2026',
        'Nơi: H-07, Phường Cẩm Thành và 1 xã khác',
        '180/200 thiết bị mất kết nối',
        'Căn cứ: 180 trong 200 trạm sau nút H-07 mất trong 40 giây',
        'EN: New incident: Hub H-07 down (Critical)',
      ].join('\n'),
      link: 'https://ioc.example/incidents?incident=12',
    });
  });

  it('says of an escalation how long nobody has taken it', () => {
    expect(incidentMessage(incident, 'escalated', null, { escalatedMinutes: 15 }).text).toContain(
      'Chưa ai tiếp nhận (15 phút): Nút',
    );
  });

  it('says who gave it away, mended it or opened it again, and what they wrote', () => {
    const held = { ...incident, acknowledgedBy: { personId: 'lan', name: 'Lan' }, note: 'gấp', resolution: 'hàn cáp' };
    const said = (event: 'assigned' | 'resolved' | 'reopened') => incidentMessage(held, event, null, { by: 'An' });
    expect(said('assigned').title).toBe('[Nghiêm trọng] Giao cho bạn: Nút truyền dẫn H-07 mất kết nối');
    expect(said('assigned').text).toContain('Người giao: An\nGhi chú: gấp\nEN: Assigned to you');
    expect(said('resolved').text).toContain('Người khắc phục: An\nCách xử lý: hàn cáp\nNgười tiếp nhận: Lan');
    expect(said('reopened').text).toContain('Người mở lại: An\nNgười tiếp nhận: Lan');
  });

  it('is bounded, and what people write makes no line of its own', () => {
    const name = `H-07\r\nBcc: all@example.vn\u2028${'x'.repeat(5_000)}`;
    const { text, title } = incidentMessage(
      { ...incident, title: { vi: name, en: name }, place: { ...incident.place, name } },
      'opened',
      null,
    );
    expect(text.length).toBeLessThanOrEqual(1_500);
    expect(title.length).toBeLessThanOrEqual(160);
    expect(text.split('\n').some((line) => line.startsWith('Bcc:'))).toBe(false);
    expect(text).toContain('Nơi: H-07 Bcc: all@example.vn xxx');
  });

  it('sums a flood up: the worst first, the rest as a count, and what is over', () => {
    const items = Array.from({ length: 14 }, (_, index) => ({
      incidentId: String(index),
      title: `Trạm ${index}`,
      severity: index === 13 ? ('critical' as const) : ('minor' as const),
      resolved: index < 2,
    }));
    const { title, text } = digestMessage(items, true, null);
    expect(title).toBe('Cảnh báo dồn dập: 12 sự cố, 2 đã hết');
    expect(text.split('\n')[1]).toBe('• Trạm 13');
    expect(text).toContain('và 2 sự cố khác');
  });
});
