/**
 * Hydrological stations of the province's rivers with their legal alarm levels (báo động 1–3, Decision 05/2020/QĐ-TTg), in
 * metres above each station's own datum. The annex of the decision could not be opened: every level is worked back from
 * bulletins that print a stage with its distance from a level. `confirmed`: two or more independent bulletins agree; a
 * level that is not confirmed is active one severity lower, marked "chưa xác nhận" and left out of reports. null: not found.
 * `lat`/`lon` are label points of a commune where no coordinate of the gauge is known (`placed: false`).
 * Sources: docs/SOURCES.md.
 */
export interface AlarmLevel {
  readonly levelM: number;
  readonly confirmed: boolean;
}

export interface RiverStation {
  readonly station: string;
  readonly river: string;
  readonly basin: string;
  readonly communeCode: string;
  readonly lat: number;
  readonly lon: number;
  readonly placed: boolean;
  readonly bd1: AlarmLevel | null;
  readonly bd2: AlarmLevel | null;
  readonly bd3: AlarmLevel | null;
  /** The highest stage found in print, not the record. */
  readonly highestFoundM: number | null;
}

export const RIVER_STATIONS: readonly RiverStation[] = [
  {
    station: 'Trà Khúc',
    river: 'Trà Khúc',
    basin: 'Trà Khúc',
    communeCode: '21172',
    lat: 15.15462,
    lon: 108.80955,
    placed: false,
    bd1: { levelM: 3.5, confirmed: true },
    bd2: { levelM: 5.0, confirmed: true },
    bd3: { levelM: 6.5, confirmed: true },
    highestFoundM: 7.87,
  },
  {
    station: 'Sơn Giang',
    river: 'Trà Khúc',
    basin: 'Trà Khúc',
    communeCode: '21307',
    lat: 14.99743,
    lon: 108.57659,
    placed: false,
    bd1: null,
    bd2: { levelM: 36.0, confirmed: false },
    bd3: null,
    highestFoundM: 36.55,
  },
  {
    station: 'Sông Vệ',
    river: 'Vệ',
    basin: 'Vệ',
    communeCode: '21238',
    lat: 15.04691,
    lon: 108.84033,
    placed: false,
    bd1: { levelM: 2.5, confirmed: true },
    bd2: { levelM: 3.5, confirmed: true },
    bd3: { levelM: 4.5, confirmed: true },
    highestFoundM: 4.96,
  },
  {
    station: 'An Chỉ',
    river: 'Vệ',
    basin: 'Vệ',
    communeCode: '21385',
    lat: 14.99936,
    lon: 108.81754,
    placed: false,
    bd1: null,
    bd2: null,
    bd3: null,
    highestFoundM: null,
  },
  {
    station: 'Châu Ổ',
    river: 'Trà Bồng',
    basin: 'Trà Bồng',
    communeCode: '21040',
    lat: 15.267,
    lon: 108.767,
    placed: true,
    bd1: null,
    bd2: { levelM: 3.5, confirmed: true },
    bd3: { levelM: 4.5, confirmed: true },
    highestFoundM: 5.8,
  },
  {
    station: 'Trà Câu',
    river: 'Trà Câu',
    basin: 'Trà Câu',
    communeCode: '21451',
    lat: 14.86495,
    lon: 108.94957,
    placed: false,
    bd1: { levelM: 3.5, confirmed: false },
    bd2: null,
    bd3: { levelM: 5.5, confirmed: true },
    highestFoundM: 5.88,
  },
  {
    station: 'Kon Plông',
    river: 'Đăk Bla',
    basin: 'Sê San',
    communeCode: '23497',
    lat: 14.4303,
    lon: 108.15853,
    placed: false,
    bd1: { levelM: 592.5, confirmed: true },
    bd2: { levelM: 593.5, confirmed: false },
    bd3: { levelM: 594.5, confirmed: false },
    highestFoundM: 594.67,
  },
  {
    station: 'Kon Tum',
    river: 'Đăk Bla',
    basin: 'Sê San',
    communeCode: '23293',
    lat: 14.35179,
    lon: 108.01402,
    placed: false,
    bd1: { levelM: 518.0, confirmed: false },
    bd2: { levelM: 519.5, confirmed: true },
    bd3: null,
    highestFoundM: 519.53,
  },
  {
    station: 'Đăk Mốt',
    river: 'Pô Kô',
    basin: 'Sê San',
    communeCode: '23401',
    lat: 14.61911,
    lon: 107.82599,
    placed: false,
    bd1: { levelM: 584.5, confirmed: true },
    bd2: { levelM: 585.5, confirmed: true },
    bd3: { levelM: 586.5, confirmed: true },
    highestFoundM: 588.95,
  },
  {
    station: 'Đăk Tô',
    river: 'Đăk Tờ Kan',
    basin: 'Sê San',
    communeCode: '23401',
    lat: 14.61911,
    lon: 107.82599,
    placed: false,
    bd1: { levelM: 577.0, confirmed: true },
    bd2: { levelM: 578.0, confirmed: true },
    bd3: { levelM: 579.0, confirmed: true },
    highestFoundM: 579.54,
  },
];

export const RIVER_STATION_BY_NAME: ReadonlyMap<string, RiverStation> = new Map(
  RIVER_STATIONS.map((station) => [station.station, station]),
);
