/** Longest side of a photo that is sent, pixels: a nameplate can be read on it. */
export const MAX_SIDE_PX = 1_600;
const MAX_BYTES = 2 * 1024 * 1024;
/** Tried in turn until it is small enough; the first is what nearly every photo gets. */
const QUALITIES = [0.8, 0.65, 0.5, 0.35];

/** Width and height within the largest side, never enlarged. */
export function fittedSize(width: number, height: number): { readonly width: number; readonly height: number } {
  const scale = Math.min(1, MAX_SIDE_PX / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/**
 * A photo as small as it may be sent: JPEG, at most 1,600 pixels, at most 2 MiB, turned upright. It is drawn anew, so that
 * nothing else that the camera wrote into the file (place, time, device) leaves the phone. Null when it is no picture that
 * this browser can read.
 */
export async function shrinkPhoto(file: Blob): Promise<Blob | null> {
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' }).catch(() => null);
  if (picture === null) return null;
  try {
    const { width, height } = fittedSize(picture.width, picture.height);
    const canvas = document.createElement('canvas');
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext('2d');
    if (context === null) return null;
    // What is transparent would become black.
    context.fillStyle = '#fff';
    context.fillRect(0, 0, width, height);
    context.imageSmoothingQuality = 'high';
    context.drawImage(picture, 0, 0, width, height);
    for (const quality of QUALITIES) {
      const jpeg = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', quality));
      if (jpeg !== null && jpeg.size <= MAX_BYTES) return jpeg;
    }
    return null;
  } finally {
    picture.close();
  }
}

/** The content as base64. */
export async function toBase64(content: Blob): Promise<string> {
  const bytes = new Uint8Array(await content.arrayBuffer());
  const CHUNK = 0x8000;
  let text = '';
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(text);
}
