import { COMMUNE_BY_CODE, DEVICE_CLASSES, type ENDPOINTS, type LocalizedText, type ParsedBodyOf } from '@ioc/contract';
import { PROVINCE_BOX } from './cell-reader.js';
import { checkAttributes } from './device-attributes.js';
import type { ImportedDevice } from './register-import.js';
import type { RegisterRows } from './register.js';

export interface AdoptionIssue {
  /** The field of the body, as `body.lat`. */
  readonly path: string;
  readonly message: LocalizedText;
}
export type CheckedAdoption =
  | { readonly ok: true; readonly device: ImportedDevice }
  | { readonly ok: false; readonly issues: readonly AdoptionIssue[] };

const MISSING = { vi: 'Không có trong sổ đăng ký', en: 'Not in the register' };
const REQUIRED = { vi: 'Loại thiết bị này phải có', en: 'This class needs it' };
const OUTSIDE = { vi: 'Ngoài địa bàn tỉnh', en: 'Outside the province' };

/** Checks a device that is to be adopted as strictly as a row of an import. */
export function checkAdoption(
  id: string,
  body: ParsedBodyOf<typeof ENDPOINTS.adoptDevice>,
  present: RegisterRows,
): CheckedAdoption {
  const definition = DEVICE_CLASSES[body.deviceClass];
  const attributes = checkAttributes(body.deviceClass, body.attributes);
  const has = (items: readonly { readonly id: string }[], wanted: string) => items.some((item) => item.id === wanted);
  const checks: readonly (readonly [field: string, bad: boolean, message: LocalizedText])[] = [
    ['communeCode', !COMMUNE_BY_CODE.has(body.communeCode), MISSING],
    ['owner', !present.organisations.some(({ id }) => id === body.owner), MISSING],
    ['siteId', body.siteId !== undefined && !has(present.sites, body.siteId), MISSING],
    ['hubId', body.hubId !== undefined && !has(present.hubs, body.hubId), MISSING],
    ['gatewayId', body.gatewayId !== undefined && !has(present.gateways, body.gatewayId), MISSING],
    ['siteId', definition.reportsThrough === 'gateway' && body.siteId === undefined, REQUIRED],
    ['gatewayId', definition.reportsThrough === 'gateway' && body.gatewayId === undefined, REQUIRED],
    ['lat', body.lat < PROVINCE_BOX.lat.min || body.lat > PROVINCE_BOX.lat.max, OUTSIDE],
    ['lon', body.lon < PROVINCE_BOX.lon.min || body.lon > PROVINCE_BOX.lon.max, OUTSIDE],
  ];
  const issues = [
    ...checks.filter(([, bad]) => bad).map(([field, , message]) => ({ path: `body.${field}`, message })),
    ...(attributes.ok
      ? []
      : attributes.issues.map(({ name, reason }) => ({ path: `body.attributes.${name}`, message: reason }))),
  ];
  if (issues.length > 0 || !attributes.ok) return { ok: false, issues };
  return {
    ok: true,
    device: {
      id,
      deviceClass: body.deviceClass,
      name: body.name,
      communeCode: body.communeCode,
      owner: body.owner,
      siteId: body.siteId ?? null,
      hubId: body.hubId ?? null,
      gatewayId: body.gatewayId ?? null,
      lat: body.lat,
      lon: body.lon,
      hardened: body.hardened,
      reportingIntervalMs: definition.defaultReportingIntervalMs,
      attributes: attributes.attributes,
    },
  };
}
