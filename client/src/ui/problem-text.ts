import { useI18n } from 'vue-i18n';
import type { Problem } from '@ioc/contract';

/** Says a problem in the language of the screen. */
export function useProblemText(): (problem: Problem) => string {
  const { t } = useI18n();
  return (problem) => t(`ui.problem.${problem.code}`, { name: problem.holder?.name ?? '' });
}
