import { useI18n } from 'vue-i18n';

/** Says why a device is down, stale or blind: known reasons in the language of the screen, others as they were sent. */
export function useReasonText(): (reason: string) => string {
  const { t, te } = useI18n();
  return (reason) => (te(`reason.${reason}`, 'vi') ? t(`reason.${reason}`) : reason);
}
