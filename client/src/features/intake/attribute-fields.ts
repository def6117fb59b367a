import { z } from 'zod';
import { DEVICE_CLASSES, type DeviceClassId } from '@ioc/contract';

/** One attribute of a class as a field of a form. */
export type AttributeField =
  | { readonly name: string; readonly kind: 'choice'; readonly options: readonly string[] }
  | { readonly name: string; readonly kind: 'number' | 'text' | 'boolean' };

function fieldOf(name: string, schema: unknown): AttributeField {
  if (schema instanceof z.ZodEnum) return { name, kind: 'choice', options: schema.options.map(String) };
  if (schema instanceof z.ZodNumber) return { name, kind: 'number' };
  if (schema instanceof z.ZodBoolean) return { name, kind: 'boolean' };
  return { name, kind: 'text' };
}

/** The fields of a class, read from its definition: a new class needs no form of its own. */
export function attributeFields(deviceClass: DeviceClassId): AttributeField[] {
  return Object.entries(DEVICE_CLASSES[deviceClass].attributes.shape).map(([name, schema]) => fieldOf(name, schema));
}

/** What a form begins with. */
export function initialValues(fields: readonly AttributeField[]): Record<string, string> {
  return Object.fromEntries(
    fields.map((field) => [
      field.name,
      field.kind === 'choice' ? (field.options[0] ?? '') : field.kind === 'boolean' ? 'false' : '',
    ]),
  );
}

export type AttributesOutcome =
  | { readonly ok: true; readonly attributes: Record<string, string | number | boolean> }
  | { readonly ok: false; readonly wrong: ReadonlySet<string> };

/** Texts of a form as attributes of the class, or the names of the fields that do not fit. */
export function readAttributes(
  deviceClass: DeviceClassId,
  values: Readonly<Record<string, string>>,
): AttributesOutcome {
  const typed = Object.fromEntries(
    attributeFields(deviceClass).map(({ name, kind }) => {
      const text = (values[name] ?? '').trim();
      if (kind === 'number') return [name, text === '' ? Number.NaN : Number(text.replace(',', '.'))];
      if (kind === 'boolean') return [name, text === 'true'];
      return [name, text];
    }),
  );
  const parsed = DEVICE_CLASSES[deviceClass].attributes.safeParse(typed);
  if (!parsed.success) return { ok: false, wrong: new Set(parsed.error.issues.map(({ path }) => String(path[0]))) };
  return { ok: true, attributes: flatValues(parsed.data) };
}

function flatValues(data: Readonly<Record<string, unknown>>): Record<string, string | number | boolean> {
  const flat: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(data)) {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') flat[name] = value;
  }
  return flat;
}
