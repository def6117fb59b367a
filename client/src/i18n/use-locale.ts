import { computed, type ComputedRef } from 'vue';
import { useI18n } from 'vue-i18n';
import type { LocalizedText } from '@ioc/contract';

/** The language of the screen, and `pick` for texts that carry both languages (labels of classes and metrics). */
export function useLocale(): { locale: ComputedRef<keyof LocalizedText>; pick: (text: LocalizedText) => string } {
  const { locale: current } = useI18n();
  const locale = computed<keyof LocalizedText>(() => (current.value === 'en' ? 'en' : 'vi'));
  return { locale, pick: (text) => text[locale.value] };
}
