import { describe, expect, it } from 'vitest';
import { DEVICE_CLASS_IDS } from '@ioc/contract';
import { attributeFields, initialValues, readAttributes } from './attribute-fields.js';

describe('the form that adopts a device', () => {
  it('has a field for every attribute of every class', () => {
    expect(attributeFields('bts')).toEqual([
      { name: 'technology', kind: 'choice', options: ['4G', '5G'] },
      { name: 'battery', kind: 'choice', options: ['leadAcid', 'lithium'] },
    ]);
    expect(attributeFields('link').map(({ kind }) => kind)).toEqual(['number', 'choice']);
    for (const deviceClass of DEVICE_CLASS_IDS) {
      expect(Object.keys(initialValues(attributeFields(deviceClass))).length).toBeGreaterThan(0);
    }
  });

  it('turns texts into typed attributes', () => {
    expect(readAttributes('link', { capacityMbps: '100', medium: 'fibre' })).toEqual({
      ok: true,
      attributes: { capacityMbps: 100, medium: 'fibre' },
    });
    expect(readAttributes('link', { capacityMbps: '2,5', medium: 'radio' })).toMatchObject({
      attributes: { capacityMbps: 2.5 },
    });
  });

  it('names the fields that do not fit', () => {
    for (const capacityMbps of ['', 'abc', '-3']) {
      expect(readAttributes('link', { capacityMbps, medium: 'fibre' })).toEqual({
        ok: false,
        wrong: new Set(['capacityMbps']),
      });
    }
  });
});
