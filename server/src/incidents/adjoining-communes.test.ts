import { COMMUNES } from '@ioc/contract';
import { describe, expect, it } from 'vitest';
import { adjoin, shareFormerDistrict } from './adjoining-communes.js';

describe('communes beside one another', () => {
  it('adjoin mutually, never themselves, and in numbers that a map has', () => {
    let pairs = 0;
    for (const one of COMMUNES) {
      expect(adjoin(one.code, one.code)).toBe(false);
      for (const other of COMMUNES) {
        if (!adjoin(one.code, other.code)) continue;
        pairs += 1;
        expect(adjoin(other.code, one.code)).toBe(true);
      }
    }
    // Regions of a plane have about five or six neighbours.
    expect(pairs / COMMUNES.length).toBeGreaterThan(4);
    expect(pairs / COMMUNES.length).toBeLessThan(6.5);
  });

  it('are not across the sea', () => {
    expect(COMMUNES.some(({ code }) => adjoin('21548', code))).toBe(false);
  });

  it('share a district when one of theirs is the same', () => {
    expect(shareFormerDistrict('21115', '21127')).toBe(true);
    expect(shareFormerDistrict('21115', '21025')).toBe(false);
    // Đông Sơn was merged across Bình Sơn and the city.
    expect(shareFormerDistrict('21109', '21040')).toBe(true);
    expect(shareFormerDistrict('21109', '21025')).toBe(true);
  });
});
