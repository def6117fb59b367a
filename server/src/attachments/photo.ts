import { ENDPOINTS, type ParsedBodyOf } from '@ioc/contract';

/** Largest photo that is kept, bytes. */
export const MAX_PHOTO_BYTES = 2 * 1024 * 1024;

/** A photo that no comment names is removed after so long, ms. */
export const UNBOUND_LIFETIME_MS = 24 * 3_600_000;

/** How many photos that no comment names one person may have: what a day without a connection gathers, and no store. */
export const MAX_UNBOUND_PHOTOS = 60;

export type PhotoMediaType = ParsedBodyOf<typeof ENDPOINTS.uploadAttachment>['mediaType'];

/** What is told of a photo without its content. */
export interface PhotoNote {
  readonly id: string;
  readonly mediaType: string;
  readonly bytes: number;
}

export type PhotoRefusal = 'empty' | 'too-large' | 'not-its-type';

const JPEG = [0xff, 0xd8, 0xff];
const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const RIFF = [0x52, 0x49, 0x46, 0x46];
const WEBP = [0x57, 0x45, 0x42, 0x50];

/** Why the bytes are not a photo of the type that they are said to be; null when they are. Only their beginning is read. */
export function refusePhoto(mediaType: PhotoMediaType, content: Uint8Array): PhotoRefusal | null {
  if (content.length === 0) return 'empty';
  if (content.length > MAX_PHOTO_BYTES) return 'too-large';
  return looksLike(mediaType, content) ? null : 'not-its-type';
}

function looksLike(mediaType: PhotoMediaType, content: Uint8Array): boolean {
  switch (mediaType) {
    case 'image/jpeg':
      return hasAt(content, 0, JPEG);
    case 'image/png':
      return hasAt(content, 0, PNG);
    case 'image/webp':
      return hasAt(content, 0, RIFF) && hasAt(content, 8, WEBP);
  }
}

function hasAt(content: Uint8Array, offset: number, bytes: readonly number[]): boolean {
  return bytes.every((byte, index) => content[offset + index] === byte);
}
