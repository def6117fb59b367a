import { computed, type ComputedRef } from 'vue';
import { useI18n } from 'vue-i18n';
import {
  CHANNEL_KINDS,
  COMMUNES,
  DEVICE_CLASS_IDS,
  DEVICE_CLASSES,
  INCIDENT_KINDS,
  ROLE_LABELS,
  ROLES,
  SEVERITIES,
} from '@ioc/contract';
import { useLocale } from '../../i18n/use-locale.js';
import { useOverviewStore } from '../../live/overview-store.js';

export interface Choice {
  readonly value: string;
  readonly text: string;
}
type Choices = ComputedRef<readonly Choice[]>;

/** What can be chosen in rules and dry runs, in the language of the screen. */
export function useWords() {
  const { t } = useI18n();
  const { pick } = useLocale();
  const overview = useOverviewStore();
  const roles: Choices = computed(() => ROLES.map((value) => ({ value, text: pick(ROLE_LABELS[value]) })));
  const channels: Choices = computed(() =>
    CHANNEL_KINDS.map((value) => ({ value, text: t(`notifications.channel.${value}`) })),
  );
  const kinds: Choices = computed(() =>
    INCIDENT_KINDS.map((value) => ({ value, text: t(`ui.incidentKind.${value}`) })),
  );
  const severities: Choices = computed(() => SEVERITIES.map((value) => ({ value, text: t(`ui.severity.${value}`) })));
  const classes: Choices = computed(() =>
    DEVICE_CLASS_IDS.map((value) => ({ value, text: pick(DEVICE_CLASSES[value].label) })),
  );
  const communes: Choices = computed(() =>
    COMMUNES.map(({ code, name }) => ({ value: code, text: name })).sort((a, b) => a.text.localeCompare(b.text, 'vi')),
  );
  const owners: Choices = computed(() =>
    [...overview.organisations]
      .map(([value, text]) => ({ value, text }))
      .sort((a, b) => a.text.localeCompare(b.text, 'vi')),
  );
  return { roles, channels, kinds, severities, classes, communes, owners };
}
