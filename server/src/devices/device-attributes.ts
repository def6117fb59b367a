import { DEVICE_CLASSES, DEVICE_CLASS_IDS, type DeviceClassId, type LocalizedText } from '@ioc/contract';
import { z } from 'zod';

export type AttributeValue = string | number | boolean;
export type Attributes = Readonly<Record<string, AttributeValue>>;
export interface AttributeIssue {
  readonly name: string;
  readonly reason: LocalizedText;
}
export type AttributesResult =
  | { readonly ok: true; readonly attributes: Attributes }
  | { readonly ok: false; readonly issues: readonly AttributeIssue[] };

const LOCALES = { vi: z.locales.vi().localeError, en: z.locales.en().localeError };
const attributeValue = z.union([z.string(), z.number(), z.boolean()]);

/** Names of all attributes of all classes, each once: the last columns of the devices' CSV. */
export const ATTRIBUTE_NAMES: readonly string[] = [
  ...new Set(DEVICE_CLASS_IDS.flatMap((id) => Object.keys(DEVICE_CLASSES[id].attributes.shape))),
];

/** Reads a class's attributes from cells, where empty means absent, or the empty text where the class allows one. */
export function attributesFromCells(deviceClass: DeviceClassId, cell: (name: string) => string): AttributesResult {
  const shape: Readonly<Record<string, z.core.$ZodType>> = DEVICE_CLASSES[deviceClass].attributes.shape;
  const given: Record<string, string> = {};
  const issues: AttributeIssue[] = [];
  for (const name of ATTRIBUTE_NAMES) {
    const value = cell(name);
    const schema = shape[name];
    if (schema === undefined) {
      if (value !== '')
        issues.push({
          name,
          reason: { vi: 'Loại thiết bị này không có thuộc tính này', en: 'This class has no such attribute' },
        });
    } else if (value !== '' || allowsEmptyText(schema)) {
      given[name] = value;
    } else if (!z.safeParse(schema, undefined).success) {
      issues.push({ name, reason: { vi: 'Không được để trống', en: 'It must not be empty' } });
    }
  }
  return issues.length > 0 ? { ok: false, issues } : checkAttributes(deviceClass, given);
}

// A number is coerced from text, and '' would become 0.
function allowsEmptyText(schema: z.core.$ZodType): boolean {
  const parsed = z.safeParse(schema, '');
  return parsed.success && parsed.data === '';
}

/** Checks attributes against the class's definition; unknown ones are errors. */
export function checkAttributes(deviceClass: DeviceClassId, given: Attributes): AttributesResult {
  const schema = DEVICE_CLASSES[deviceClass].attributes;
  const parsed = schema.safeParse(given, { error: LOCALES.vi });
  if (parsed.success) return { ok: true, attributes: z.record(z.string(), attributeValue).parse(parsed.data) };
  const english = schema.safeParse(given, { error: LOCALES.en }).error?.issues ?? [];
  return {
    ok: false,
    issues: parsed.error.issues.map(({ path, message }, index) => ({
      name: path.map(String).join('.'),
      reason: { vi: message, en: english[index]?.message ?? message },
    })),
  };
}
