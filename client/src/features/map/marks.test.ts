import { describe, expect, it } from 'vitest';
import { COMMUNES, type CommuneLive, type DeviceLive, type MapDevice } from '@ioc/contract';
import { GLYPH_NAMES } from '../../ui/glyphs.js';
import { IMPACT_COLOURS } from '../../ui/palette.js';
import { MapModel } from './map-model.js';
import { communeFill, isAbnormal, worstGlyph } from './marks.js';

const up: DeviceLive = {
  connectivity: 'up',
  lastKnown: 'up',
  sinceMs: 0,
  severity: null,
  onBattery: false,
  alarmLevel: null,
};
const down = (severity: DeviceLive['severity']): DeviceLive => ({
  ...up,
  connectivity: 'down',
  lastKnown: 'down',
  severity,
});
const commune = COMMUNES[0];
const code = commune?.code ?? '';

function device(id: string): MapDevice {
  return { id, deviceClass: 'bts', name: id, communeCode: code, owner: 'VNPT', siteId: null, lat: 15.1, lon: 108.8 };
}

function live(impact: CommuneLive['impact'], counts: Partial<CommuneLive['counts']['bts']> = {}): CommuneLive {
  const none = { total: 0, up: 0, down: 0, stale: 0, blind: 0 };
  return {
    code,
    impact,
    impactSinceMs: 0,
    counts: { bts: { ...none, total: 10, up: 10, ...counts }, link: none, vcs: none, flood: none },
    operatorsAlive: [],
    operatorsDown: [],
    stationsOnBattery: 0,
    blind: 0,
  };
}

describe('a cluster', () => {
  it('is coloured by its worst member, be it one of a thousand', () => {
    const members = new Array<'cleared' | 'critical'>(1_000).fill('cleared');
    expect(worstGlyph(members)).toBe('cleared');
    members[777] = 'critical';
    expect(worstGlyph(members)).toBe('critical');
  });

  it('prefers an alarm to what cannot be seen, and that to what is normal', () => {
    expect(worstGlyph(['blind', 'warning', 'cleared'])).toBe('warning');
    expect(worstGlyph(['stale', 'blind', 'cleared'])).toBe('blind');
    expect(worstGlyph([])).toBeNull();
  });

  it('is drawn for everything that is not normal', () => {
    expect(GLYPH_NAMES.filter((glyph) => !isAbnormal(glyph)).sort()).toEqual(['cleared', 'none']);
  });
});

describe('the model of the map', () => {
  it('leaves a commune with single failures quiet and marks it with a dot', () => {
    const model = new MapModel();
    model.setDevices([device('a'), device('b')]);
    const devices = new Map([
      ['a', up],
      ['b', down('minor')],
    ]);
    model.update(devices, new Map([[code, live('minor')]]), null);
    expect(model.fills.get(code)).toBe(communeFill('none'));
    expect(model.clusters.get(code)).toBe('minor');
  });

  it('says what changed and nothing more', () => {
    const model = new MapModel();
    model.setDevices([device('a'), device('b')]);
    const devices = new Map([
      ['a', up],
      ['b', up],
    ]);
    model.update(devices, new Map([[code, live('none')]]), null);
    const fills = model.fills;
    expect(model.update(devices, new Map([[code, live('none')]]), new Set(['a']))).toMatchObject({
      fills: false,
      annotations: false,
    });
    expect(model.fills).toBe(fills);
    const change = model.update(devices, new Map([[code, live('isolated')]]), new Set());
    expect(change).toMatchObject({ fills: true, annotations: true });
    expect(model.fills.get(code)).toBe(IMPACT_COLOURS.isolated);
    expect([...model.isolated]).toEqual([code]);
  });

  it('hatches a commune when most of its devices cannot be seen', () => {
    const model = new MapModel();
    model.update(new Map(), new Map([[code, live('none', { up: 5, blind: 5 })]]), null);
    expect(model.hatched.has(code)).toBe(false);
    model.update(new Map(), new Map([[code, live('none', { up: 4, blind: 5, stale: 1 })]]), null);
    expect(model.hatched.has(code)).toBe(true);
  });

  it('knows the rivers that stand at an alarm level, until they fall', () => {
    const model = new MapModel();
    model.update(new Map([['f', { ...up, alarmLevel: 2 }]]), new Map(), null);
    expect(model.alarmLevels.get('f')).toBe(2);
    model.update(new Map([['f', { ...up, alarmLevel: 0 }]]), new Map(), new Set(['f']));
    expect(model.alarmLevels.size).toBe(0);
  });
});
