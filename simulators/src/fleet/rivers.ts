/**
 * The seven monitored rivers as chains of communes from the headwaters down, with their hydrological stations. A sensor at a
 * reach sees what rained above it, later. Commune codes: contract/src/communes.ts.
 */

export type Terrain = 'plain' | 'hills';

export interface Reach {
  readonly commune: string;
  readonly terrain: Terrain;
  /** A station of RIVER_STATIONS; the others are village gauges without legal levels. */
  readonly station?: string;
  /** Also has a rain gauge on the same mast. */
  readonly rain?: boolean;
}

export interface River {
  readonly id: string;
  readonly name: string;
  readonly reaches: readonly Reach[];
}

export const RIVERS: readonly River[] = [
  {
    id: 'TRABONG',
    name: 'Trà Bồng',
    reaches: [
      { commune: '21124', terrain: 'hills', rain: true },
      { commune: '21115', terrain: 'hills', rain: true },
      { commune: '21127', terrain: 'hills' },
      { commune: '21100', terrain: 'plain' },
      { commune: '21040', terrain: 'plain', station: 'Châu Ổ', rain: true },
    ],
  },
  {
    id: 'TRAKHUC',
    name: 'Trà Khúc',
    reaches: [
      { commune: '21334', terrain: 'hills', rain: true },
      { commune: '21340', terrain: 'hills', rain: true },
      { commune: '21325', terrain: 'hills' },
      { commune: '21289', terrain: 'hills', rain: true },
      { commune: '21307', terrain: 'hills', station: 'Sơn Giang', rain: true },
      { commune: '21292', terrain: 'hills' },
      { commune: '21196', terrain: 'plain' },
      { commune: '21250', terrain: 'plain' },
      { commune: '21172', terrain: 'plain', station: 'Trà Khúc', rain: true },
      { commune: '21034', terrain: 'plain' },
    ],
  },
  {
    id: 'VE',
    name: 'Vệ',
    reaches: [
      { commune: '21484', terrain: 'hills', rain: true },
      { commune: '21496', terrain: 'hills' },
      { commune: '21388', terrain: 'plain' },
      { commune: '21385', terrain: 'plain', station: 'An Chỉ', rain: true },
      { commune: '21238', terrain: 'plain', station: 'Sông Vệ', rain: true },
      { commune: '21409', terrain: 'plain' },
    ],
  },
  {
    id: 'TRACAU',
    name: 'Trà Câu',
    reaches: [
      { commune: '21520', terrain: 'hills', rain: true },
      { commune: '21457', terrain: 'plain', rain: true },
      { commune: '21451', terrain: 'plain', station: 'Trà Câu', rain: true },
    ],
  },
  {
    id: 'DAKBLA',
    name: 'Đăk Bla',
    reaches: [
      { commune: '23473', terrain: 'hills', rain: true },
      { commune: '23479', terrain: 'hills' },
      { commune: '23497', terrain: 'hills', station: 'Kon Plông', rain: true },
      { commune: '23332', terrain: 'hills' },
      { commune: '23293', terrain: 'hills', station: 'Kon Tum', rain: true },
      { commune: '23317', terrain: 'hills' },
    ],
  },
  {
    id: 'POKO',
    name: 'Pô Kô',
    reaches: [
      { commune: '23341', terrain: 'hills', rain: true },
      { commune: '23374', terrain: 'hills' },
      { commune: '23383', terrain: 'hills', rain: true },
      { commune: '23401', terrain: 'hills', station: 'Đăk Mốt', rain: true },
      { commune: '23534', terrain: 'hills' },
    ],
  },
  {
    id: 'DAKTOKAN',
    name: 'Đăk Tờ Kan',
    reaches: [
      { commune: '23425', terrain: 'hills', rain: true },
      { commune: '23419', terrain: 'hills' },
      { commune: '23430', terrain: 'hills' },
      { commune: '23401', terrain: 'hills', station: 'Đăk Tô', rain: true },
    ],
  },
];

/** Rain gauges of their own: where the great rainfalls of 2020 and 2025 were measured, and where no river gauge stands. */
export const RAIN_GAUGES: readonly { readonly commune: string; readonly place: string; readonly terrain: Terrain }[] = [
  { commune: '23476', place: 'Pờ Ê', terrain: 'hills' },
  { commune: '23476', place: 'Hiếu', terrain: 'hills' },
  { commune: '21340', place: 'Sơn Long', terrain: 'hills' },
  { commune: '21529', place: 'Ba Tiêu', terrain: 'hills' },
  { commune: '21529', place: 'Giá Vực', terrain: 'hills' },
  { commune: '23455', place: 'Măng Bút', terrain: 'hills' },
  { commune: '21499', place: 'Ba Giang', terrain: 'hills' },
  { commune: '21124', place: 'Trà Thanh', terrain: 'hills' },
  { commune: '21490', place: 'Ba Điền', terrain: 'hills' },
  { commune: '21361', place: 'Long Môn', terrain: 'hills' },
  { commune: '21154', place: 'Sơn Trà', terrain: 'hills' },
  { commune: '21157', place: 'Hương Trà', terrain: 'hills' },
  { commune: '21433', place: 'Đức Phong', terrain: 'plain' },
  { commune: '21457', place: 'Phổ Phong', terrain: 'plain' },
  { commune: '21211', place: 'Tịnh Khê', terrain: 'plain' },
  { commune: '21061', place: 'Dung Quất', terrain: 'plain' },
  { commune: '21548', place: 'Lý Sơn', terrain: 'plain' },
  { commune: '21478', place: 'Sa Huỳnh', terrain: 'plain' },
  { commune: '23365', place: 'Ngọc Linh', terrain: 'hills' },
  { commune: '23377', place: 'Bờ Y', terrain: 'hills' },
  { commune: '23527', place: 'Sa Thầy', terrain: 'hills' },
];
