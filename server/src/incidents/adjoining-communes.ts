import { COMMUNES, type Commune } from '@ioc/contract';

/**
 * Two communes count as adjoining when their label points are no further apart than their radii, were they discs of their
 * area, and a third more. There are no borders to look at: polygons are an optional file, and grouping must not depend on it.
 */
const SLACK = 1.35;
const KM_PER_DEGREE = 111.2;

const ADJOINING: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  COMMUNES.map((commune) => [
    commune.code,
    new Set(COMMUNES.filter((other) => other !== commune && touch(commune, other)).map(({ code }) => code)),
  ]),
);

const DISTRICTS: ReadonlyMap<string, readonly string[]> = new Map(
  COMMUNES.map(({ code, formerDistrict }) => [code, formerDistrict.split(';').map((district) => district.trim())]),
);

/** Whether two communes adjoin, as far as label points and areas tell. */
export function adjoin(one: string, other: string): boolean {
  return ADJOINING.get(one)?.has(other) === true;
}

/** Whether two communes belonged to one district before July 2025. A commune merged across districts belongs to both. */
export function shareFormerDistrict(one: string, other: string): boolean {
  const districts = DISTRICTS.get(other) ?? [];
  return (DISTRICTS.get(one) ?? []).some((district) => districts.includes(district));
}

function touch(one: Commune, other: Commune): boolean {
  const eastKm = (one.lon - other.lon) * KM_PER_DEGREE * Math.cos((one.lat * Math.PI) / 180);
  const northKm = (one.lat - other.lat) * KM_PER_DEGREE;
  return Math.hypot(eastKm, northKm) <= SLACK * (radiusKm(one) + radiusKm(other));
}

function radiusKm({ areaKm2 }: Commune): number {
  return Math.sqrt(areaKm2 / Math.PI);
}
