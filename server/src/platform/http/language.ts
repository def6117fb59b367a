import type { LocalizedText } from '@ioc/contract';

export type Language = keyof LocalizedText;

/** The language of an answer's texts: Vietnamese unless `Accept-Language` prefers English. */
export function preferredLanguage(acceptLanguage: string | undefined): Language {
  if (acceptLanguage === undefined) return 'vi';
  let best: { readonly language: Language; readonly quality: number } = { language: 'vi', quality: 0 };
  for (const part of acceptLanguage.split(',').slice(0, 20)) {
    const [range = '', ...parameters] = part.trim().toLowerCase().split(';');
    const primary = range.trim().split('-')[0];
    if (primary !== 'vi' && primary !== 'en') continue;
    const weight = parameters
      .map((parameter) => /^\s*q=([\d.]+)\s*$/.exec(parameter)?.[1])
      .find((text) => text !== undefined);
    const quality = weight === undefined ? 1 : Number(weight);
    if (quality > best.quality) best = { language: primary, quality };
  }
  return best.language;
}
