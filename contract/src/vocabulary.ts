import { z } from 'zod';

/**
 * The words that every part of the system shares. One word per idea: the same spelling is used in
 * code, SQL, topics, HTTP bodies and on screens (docs/ARCHITECTURE.md lists their meanings).
 */

/** A text in both languages of the screen; Vietnamese comes first everywhere. */
export interface LocalizedText {
  readonly vi: string;
  readonly en: string;
}
export const localizedText = z.object({ vi: z.string(), en: z.string() });

/** The 2-digit code of the province that the console serves. */
export const PROVINCE_CODE = '51';

/** An identifier of a device, gateway, site or hub as it stands in topics. */
export const entityId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1–64 of A–Z a–z 0–9 _ -');
/** A 5-digit commune code of the national list. */
export const communeCode = z.string().regex(/^\d{5}$/, 'must be a 5-digit commune code');
/** A moment as RFC 3339 text with an offset, as every HTTP and Socket.IO body carries it. */
export const instant = z.iso.datetime({ offset: true });

/** The monitored classes, in the order of screens. Adding one: docs in README, "Adding a device class". */
export const DEVICE_CLASS_IDS = ['bts', 'link', 'vcs', 'flood'] as const;
export const deviceClassId = z.enum(DEVICE_CLASS_IDS);
export type DeviceClassId = z.infer<typeof deviceClassId>;

/**
 * Whether we hear a device.
 * `up` · `down`: it, its session or its gateway said so, or inferred: silent while its gateway is healthy ·
 * `stale`: silent for longer than max(3 reporting intervals, 180 s) and nothing says why (also: never heard) ·
 * `blind`: we cannot see it, because its gateway is silent or our own intake is broken.
 */
export const CONNECTIVITIES = ['up', 'down', 'stale', 'blind'] as const;
export const connectivity = z.enum(CONNECTIVITIES);
export type Connectivity = z.infer<typeof connectivity>;

/** How bad an alarm or incident is (X.733 without indeterminate and cleared), worst first. */
export const SEVERITIES = ['critical', 'major', 'minor', 'warning'] as const;
export const severity = z.enum(SEVERITIES);
export type Severity = z.infer<typeof severity>;

/**
 * What a failure does to the people of a commune, worst first. A commune is filled by its worst impact.
 * `isolated`: link down and no station of any operator alive for 10 min · `nearlyIsolated`: link down and more than half
 * of the stations down, or one operator left · `critical`: more than half of the stations down or none left ·
 * `major`: an operator's last station, or the link · `minor`: single failures with living neighbours · `none`.
 */
export const IMPACTS = ['isolated', 'nearlyIsolated', 'critical', 'major', 'minor', 'none'] as const;
export const impact = z.enum(IMPACTS);
export type Impact = z.infer<typeof impact>;

/** How an outage is known: somebody said so, or it was inferred from silence behind a healthy gateway. */
export const outageBasis = z.enum(['said', 'inferred']);
export type OutageBasis = z.infer<typeof outageBasis>;

/** What people may do. Roles bundle these; a route, socket or export names the one it needs. */
export const PERMISSIONS = [
  'wall:read',
  'incident:work',
  'alarm:shelve',
  'maintenance:write',
  'rule:write',
  'notification:write',
  'report:sign',
  'coverage:export',
  'intake:read',
  'register:write',
  'people:write',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

export const ROLES = ['viewer', 'operator', 'technician', 'reviewer', 'administrator'] as const;
export const role = z.enum(ROLES);
export type Role = z.infer<typeof role>;

/** Which permissions a role carries. A person has one role; `display` sessions act as a viewer. */
export const ROLE_PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: ['wall:read'],
  operator: [
    'wall:read',
    'incident:work',
    'alarm:shelve',
    'maintenance:write',
    'report:sign',
    'coverage:export',
    'intake:read',
  ],
  technician: ['wall:read', 'incident:work'],
  reviewer: ['wall:read', 'coverage:export'],
  administrator: PERMISSIONS,
};

export const ROLE_LABELS: Readonly<Record<Role, LocalizedText>> = {
  viewer: { vi: 'Người xem', en: 'Viewer' },
  operator: { vi: 'Trực vận hành', en: 'Operator' },
  technician: { vi: 'Kỹ thuật viên', en: 'Technician' },
  reviewer: { vi: 'Rà soát của tỉnh', en: 'Province reviewer' },
  administrator: { vi: 'Quản trị', en: 'Administrator' },
};
