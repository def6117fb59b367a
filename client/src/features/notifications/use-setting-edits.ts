import { shallowRef } from 'vue';
import { useI18n } from 'vue-i18n';
import type { Problem } from '@ioc/contract';
import type { CallResult } from '../../live/api.js';

interface Named {
  readonly name: string;
}

/** What is being changed on a list of settings, and what came of the last change. */
export function useSettingEdits<T extends Named>(
  remove: (row: T) => Promise<CallResult<unknown>>,
  changed: () => void,
) {
  const { t } = useI18n();
  /** `row` null: a new one. */
  const edited = shallowRef<{ readonly row: T | null } | null>(null);
  const told = shallowRef<string | null>(null);
  const problem = shallowRef<Problem | null>(null);

  function edit(row: T | null): void {
    edited.value = { row };
  }

  function close(): void {
    edited.value = null;
  }

  function saved(name: string): void {
    close();
    problem.value = null;
    told.value = t('notifications.saved', { name });
    changed();
  }

  async function removeOne(row: T): Promise<void> {
    report(await remove(row), t('notifications.removed', { name: row.name }));
    changed();
  }

  /** Says what came of something: that it is done, or why not. */
  function report(result: CallResult<unknown>, done: string): void {
    problem.value = result.ok ? null : result.problem;
    told.value = result.ok ? done : null;
  }

  return { edited, told, problem, edit, close, saved, removeOne, report };
}
