import { computed, nextTick, shallowRef, type ShallowRef } from 'vue';
import type { Problem } from '@ioc/contract';
import type { CallResult } from '../../live/api.js';

/**
 * Saving a form: once at a time. What is wrong stands beside its field, whoever says so, and is brought into view.
 * @param fields those that show a fault; what the server says of another one, or of none, is `problem`
 */
export function useSaving(form: Readonly<ShallowRef<HTMLElement | null>>, fields: readonly string[]) {
  const tried = shallowRef(false);
  const busy = shallowRef(false);
  const refusal = shallowRef<Problem | null>(null);
  const refusedField = computed(() => {
    const path = refusal.value?.errors?.[0]?.path.replace(/^body\./, '');
    return path !== undefined && fields.includes(path) ? path : null;
  });
  const problem = computed(() => (refusedField.value === null ? refusal.value : null));

  /** What is wrong with a field; `fault`: what is known before the server is asked. */
  function wrong(field: string, fault: string | null): string | null {
    if (tried.value && fault !== null) return fault;
    return refusedField.value === field ? (refusal.value?.detail ?? refusal.value?.errors?.[0]?.message ?? null) : null;
  }

  /**
   * Null when it was not saved.
   * @param body null: something is still missing or wrong
   */
  async function save<B, T>(body: B | null, send: (body: B) => Promise<CallResult<T>>): Promise<T | null> {
    if (busy.value) return null;
    tried.value = true;
    refusal.value = null;
    let saved: T | null = null;
    if (body !== null) {
      busy.value = true;
      const result = await send(body);
      busy.value = false;
      if (result.ok) saved = result.value;
      else refusal.value = result.problem;
    }
    if (saved === null) await showFault();
    return saved;
  }

  async function showFault(): Promise<void> {
    await nextTick();
    const said = form.value?.querySelector('[role=alert]');
    said?.scrollIntoView({ block: 'center' });
    const field = said?.parentElement?.querySelector('input, select, textarea, summary');
    if (field instanceof HTMLElement) field.focus({ preventScroll: true });
  }

  return { busy, problem, wrong, save };
}
