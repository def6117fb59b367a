import { COMMUNES, type Commune } from '@ioc/contract';
import { distanceKm } from './places.js';

/**
 * The transmission tree: one hub per former district where the ring of the coast, the road 24 to Kon Tum and the Pô Kô
 * valley would put them, a second one in large districts, all leading to the province core. Made up: the operators' real
 * topology is not public.
 */

export const CORE_HUB = 'HUB-CORE';

export interface PlannedHub {
  readonly id: string;
  readonly name: string;
  /** Where it stands. */
  readonly commune: string;
  readonly upstreams: readonly string[];
}

interface District {
  readonly district: string;
  readonly id: string;
  readonly commune: string;
  readonly upstreams: readonly string[];
}

const DISTRICTS: readonly District[] = [
  { district: 'Thành phố Quảng Ngãi', id: 'HUB-QUANG-NGAI', commune: '21028', upstreams: [CORE_HUB] },
  { district: 'Huyện Sơn Tịnh', id: 'HUB-SON-TINH', commune: '21220', upstreams: [CORE_HUB] },
  { district: 'Huyện Bình Sơn', id: 'HUB-BINH-SON', commune: '21040', upstreams: [CORE_HUB, 'HUB-SON-TINH'] },
  { district: 'Huyện Trà Bồng', id: 'HUB-TRA-BONG', commune: '21115', upstreams: ['HUB-BINH-SON'] },
  { district: 'Huyện Tư Nghĩa', id: 'HUB-TU-NGHIA', commune: '21235', upstreams: [CORE_HUB] },
  { district: 'Huyện Nghĩa Hành', id: 'HUB-NGHIA-HANH', commune: '21364', upstreams: ['HUB-TU-NGHIA'] },
  { district: 'Huyện Minh Long', id: 'HUB-MINH-LONG', commune: '21361', upstreams: ['HUB-NGHIA-HANH'] },
  { district: 'Huyện Mộ Đức', id: 'HUB-MO-DUC', commune: '21400', upstreams: [CORE_HUB, 'HUB-TU-NGHIA'] },
  { district: 'Thị xã Đức Phổ', id: 'HUB-DUC-PHO', commune: '21439', upstreams: ['HUB-MO-DUC', CORE_HUB] },
  { district: 'Huyện Ba Tơ', id: 'HUB-BA-TO', commune: '21484', upstreams: ['HUB-DUC-PHO'] },
  { district: 'Huyện Sơn Hà', id: 'HUB-SON-HA', commune: '21289', upstreams: ['HUB-SON-TINH', 'HUB-TU-NGHIA'] },
  { district: 'Huyện Sơn Tây', id: 'HUB-SON-TAY', commune: '21334', upstreams: ['HUB-SON-HA'] },
  { district: 'Huyện Lý Sơn', id: 'HUB-LY-SON', commune: '21548', upstreams: ['HUB-BINH-SON'] },
  { district: 'Thành phố Kon Tum', id: 'HUB-KON-TUM', commune: '23293', upstreams: [CORE_HUB, 'HUB-KON-PLONG'] },
  { district: 'Huyện Kon Plông', id: 'HUB-KON-PLONG', commune: '23473', upstreams: ['HUB-BA-TO'] },
  { district: 'Huyện Kon Rẫy', id: 'HUB-KON-RAY', commune: '23497', upstreams: ['HUB-KON-TUM', 'HUB-KON-PLONG'] },
  { district: 'Huyện Đắk Hà', id: 'HUB-DAK-HA', commune: '23500', upstreams: ['HUB-KON-TUM'] },
  { district: 'Huyện Đắk Tô', id: 'HUB-DAK-TO', commune: '23401', upstreams: ['HUB-DAK-HA', 'HUB-KON-TUM'] },
  { district: 'Huyện Ngọc Hồi', id: 'HUB-NGOC-HOI', commune: '23377', upstreams: ['HUB-DAK-TO'] },
  { district: 'Huyện Đắk Glei', id: 'HUB-DAK-GLEI', commune: '23341', upstreams: ['HUB-NGOC-HOI'] },
  { district: 'Huyện Tu Mơ Rông', id: 'HUB-TU-MO-RONG', commune: '23425', upstreams: ['HUB-DAK-TO'] },
  { district: 'Huyện Sa Thầy', id: 'HUB-SA-THAY', commune: '23527', upstreams: ['HUB-KON-TUM'] },
  { district: "Huyện Ia H' Drai", id: 'HUB-IA-HDRAI', commune: '23538', upstreams: ['HUB-SA-THAY'] },
];

const CORE_COMMUNE = '21025';
/** A district of at least this many communes gets a second hub, in the commune farthest from the first. */
const COMMUNES_FOR_A_SECOND_HUB = 4;

export interface HubPlan {
  readonly hubs: readonly PlannedHub[];
  /** The hub that a commune's sites, link, endpoint and sensors hang on. */
  readonly hubOfCommune: ReadonlyMap<string, string>;
}

export function planHubs(): HubPlan {
  const hubs: PlannedHub[] = [{ id: CORE_HUB, name: 'Nút lõi tỉnh Quảng Ngãi', commune: CORE_COMMUNE, upstreams: [] }];
  const hubOfCommune = new Map<string, string>();
  for (const district of DISTRICTS) {
    const communes = COMMUNES.filter((commune) => commune.formerDistrict.split(';')[0]?.trim() === district.district);
    const seat = communes.find((commune) => commune.code === district.commune);
    if (seat === undefined)
      throw new Error(`${district.id} stands in ${district.commune}, which is not in ${district.district}`);
    const place = district.district.replace(/^(Huyện|Thị xã|Thành phố) /, '');
    hubs.push({
      id: district.id,
      name: `Nút truyền dẫn ${place}`,
      commune: district.commune,
      upstreams: district.upstreams,
    });
    const second = communes.length >= COMMUNES_FOR_A_SECOND_HUB ? farthest(seat, communes) : null;
    if (second !== null) {
      const upstreams = [district.id];
      hubs.push({
        id: `${district.id}-2`,
        name: `Nút truyền dẫn ${second.shortName}`,
        commune: second.code,
        upstreams,
      });
    }
    for (const commune of communes) {
      const nearSecond = second !== null && distanceKm(commune, second) < distanceKm(commune, seat);
      hubOfCommune.set(commune.code, nearSecond ? `${district.id}-2` : district.id);
    }
  }
  return { hubs, hubOfCommune };
}

function farthest(from: Commune, among: readonly Commune[]): Commune {
  return among.reduce((best, commune) => (distanceKm(from, commune) > distanceKm(from, best) ? commune : best), from);
}
