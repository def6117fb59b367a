import { describe, expect, it } from 'vitest';
import { placeAfterSignIn } from './place-after-sign-in.js';

describe('the place after signing in', () => {
  it('is where the person wanted to go', () => {
    expect(placeAfterSignIn('/incidents?incident=12')).toBe('/incidents?incident=12');
  });

  it('is never another site, nor the sign-in page itself', () => {
    for (const next of [
      'https://evil.example',
      '//evil.example',
      '/\\evil.example',
      'javascript:alert(1)',
      '/sign-in',
    ]) {
      expect(placeAfterSignIn(next)).toBe('/');
    }
  });

  it('is the start when nothing was wanted', () => {
    expect(placeAfterSignIn(undefined)).toBe('/');
    expect(placeAfterSignIn(['/a', '/b'])).toBe('/');
  });
});
