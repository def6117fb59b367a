import { useI18n } from 'vue-i18n';

/** Says why a device is down, stale or blind: known reasons in the language of the screen, others as they were sent. */
export function useReasonText(): (reason: string) => string {
  const i18n = useI18n();
  return (reason) => (i18n.te(`reason.${reason}`, 'vi') ? i18n.t(`reason.${reason}`) : reason);
}
