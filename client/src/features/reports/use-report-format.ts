import { useI18n } from 'vue-i18n';
import type { Fact, SituationReport } from '@ioc/contract';
import { useLocale } from '../../i18n/use-locale.js';
import { formatCount, formatShort } from '../../ui/time-format.js';

/** How a report writes moments (short, as seen from its own day), figures, differences and facts. */
export function useReportFormat(report: () => SituationReport) {
  const { t } = useI18n();
  const { locale, pick } = useLocale();

  const moment = (at: string) => formatShort(at, Date.parse(report().at), locale.value);
  const count = (value: number) => formatCount(value, locale.value);
  const metres = (value: number) =>
    value.toLocaleString(locale.value === 'vi' ? 'vi-VN' : 'en-GB', {
      minimumFractionDigits: 2,
      maximumFractionDigits: 2,
    });
  /** Empty when there is nothing to compare with. */
  function change(now: number, before: number | null): string {
    if (before === null) return '';
    const by = now - before;
    return by === 0 ? '±0' : by > 0 ? `+${count(by)}` : `−${count(-by)}`;
  }
  function factText(fact: Fact): string {
    return t(`reports.factKind.${fact.kind}`, {
      at: moment(fact.at),
      until: moment(fact.expiresAt),
      note: fact.note,
    });
  }
  return { t, pick, moment, count, metres, change, factText };
}
