/** Texts of one feature: nested keys, leaves are vue-i18n messages. */
export interface MessageTree {
  readonly [key: string]: string | MessageTree;
}

/** The same keys with other texts. */
export type SameKeys<T extends MessageTree> = {
  readonly [K in keyof T]: T[K] extends MessageTree ? SameKeys<T[K]> : string;
};

export interface FeatureMessages {
  readonly namespace: string;
  readonly vi: MessageTree;
  readonly en: MessageTree;
}

/**
 * Declares the texts of one feature, as the default export of its `messages.ts`; found and registered by themselves, used as
 * `t` with `namespace.key`. English must have exactly the keys of Vietnamese, or it does not compile.
 */
export function defineMessages<const T extends MessageTree>(
  namespace: string,
  vi: T,
  en: SameKeys<T>,
): FeatureMessages {
  return { namespace, vi, en };
}
