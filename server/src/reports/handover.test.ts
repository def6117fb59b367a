import { describe, expect, test } from 'vitest';
import { checkRemark, checkSign, type HandoverRecord } from './handover.js';

const prepared: HandoverRecord = { id: 1, version: 3, remarks: '', content: null, from: null, to: null };
const an = { personId: 'an', name: 'An', atMs: 1 };
const binh = { personId: 'binh', name: 'Bình', atMs: 2 };
const fixed: HandoverRecord = { ...prepared, from: an };
const done: HandoverRecord = { ...fixed, to: binh };

describe('a handover', () => {
  test('is signed first by whoever hands over, then by somebody else', () => {
    expect(checkSign(prepared, 'from', 'an', 3)).toBeNull();
    expect(checkSign(prepared, 'to', 'binh', 3)).toEqual({ reason: 'not-handed-over', by: null });
    expect(checkSign(fixed, 'to', 'binh', 3)).toBeNull();
    expect(checkSign(fixed, 'to', 'an', 3)).toEqual({ reason: 'same-person', by: an });
  });

  test('is signed once by each; who was first is told before that it changed', () => {
    expect(checkSign(fixed, 'from', 'binh', 1)).toEqual({ reason: 'fixed', by: an });
    expect(checkSign(done, 'to', 'chi', 1)).toEqual({ reason: 'fixed', by: binh });
  });

  test('takes remarks until the first signature, of whoever has seen the newest version', () => {
    expect(checkRemark(prepared, 3)).toBeNull();
    expect(checkRemark(prepared, 2)).toEqual({ reason: 'version-changed', version: 3 });
    expect(checkRemark(fixed, 3)).toEqual({ reason: 'fixed', by: an });
    expect(checkSign(prepared, 'from', 'an', 2)).toEqual({ reason: 'version-changed', version: 3 });
  });
});
