import { expect, it } from 'vitest';
import { repairNoteOf, storedRepairNote } from './repair-note.js';

it('the note of every repair is read in each language as it was kept', () => {
  for (const kind of ['shortened', 'split', 'removed'] as const) {
    const { vi, en } = repairNoteOf(storedRepairNote(kind));
    expect(vi).toMatch(/^(Rút ngắn|Tách đoạn|Loại bỏ): dữ liệu đến muộn cho thấy [^·]+$/);
    expect(en).toMatch(/^(Shortened|Split|Removed): late data shows [^·]+$/);
    expect(`${vi} · ${en}`).toBe(storedRepairNote(kind));
  }
});

it('a note that is not in two parts is shown as it stands', () => {
  expect(repairNoteOf('Sửa tay')).toEqual({ vi: 'Sửa tay', en: 'Sửa tay' });
  expect(repairNoteOf('a · b · c')).toEqual({ vi: 'a · b · c', en: 'a · b · c' });
});
