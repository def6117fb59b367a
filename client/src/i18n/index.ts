import { createI18n } from 'vue-i18n';
import type { LocalizedText } from '@ioc/contract';
import type { FeatureMessages, MessageTree } from './define-messages.js';

export type Locale = keyof LocalizedText;
const LOCALE_KEY = 'ioc.locale';

const modules = import.meta.glob<FeatureMessages>('../**/messages.ts', { eager: true, import: 'default' });

function collect(locale: Locale): Record<string, MessageTree> {
  return Object.fromEntries(Object.values(modules).map((feature) => [feature.namespace, feature[locale]]));
}

function storedLocale(): Locale {
  return localStorage.getItem(LOCALE_KEY) === 'en' ? 'en' : 'vi';
}

export const i18n = createI18n({
  legacy: false,
  locale: storedLocale(),
  fallbackLocale: 'vi',
  messages: { vi: collect('vi'), en: collect('en') },
});

document.documentElement.lang = i18n.global.locale.value;

/** Switches the language of every screen and keeps it for this browser. */
export function setLocale(locale: Locale): void {
  i18n.global.locale.value = locale;
  document.documentElement.lang = locale;
  localStorage.setItem(LOCALE_KEY, locale);
}
