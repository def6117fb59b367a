import type { LocalizedText } from './vocabulary.js';

/**
 * The 96 commune-level units of Quảng Ngãi since 1 July 2025 (86 xã, 9 phường, 1 đặc khu).
 * Codes: Decision 19/2025/QĐ-TTg. Areas: official figures, sum 14,832.53 km². Label points lie inside the unit.
 * Population: registered and temporary residents of a 2025 list whose sum is 0.6 % above the official one; where
 * `populationConfirmed` is false, sources differ or there is one only: good for spreading a demo fleet, not for quoting.
 * Sources and cross-checks: docs/SOURCES.md.
 */
export type CommuneType = 'xa' | 'phuong' | 'dacKhu';
export type FormerProvince = 'Quảng Ngãi' | 'Kon Tum';

export interface Commune {
  readonly code: string;
  /** With its type: "Xã Ba Động". */
  readonly name: string;
  readonly shortName: string;
  readonly type: CommuneType;
  readonly formerProvince: FormerProvince;
  /** The district before July 2025; two names where the unit was merged across districts. */
  readonly formerDistrict: string;
  /** A point inside the unit, WGS 84. */
  readonly lat: number;
  readonly lon: number;
  readonly areaKm2: number;
  readonly population: number;
  readonly populationConfirmed: boolean;
  /** Whether it has VCS equipment, from the province's list of 2025: 76 have, 20 have none. */
  readonly hasVcs: boolean;
}

export const COMMUNE_TYPE_LABELS: Readonly<Record<CommuneType, LocalizedText>> = {
  xa: { vi: 'Xã', en: 'Commune' },
  phuong: { vi: 'Phường', en: 'Ward' },
  dacKhu: { vi: 'Đặc khu', en: 'Special zone' },
};

// prettier-ignore
const ROWS: readonly (readonly [string, string, string, CommuneType, FormerProvince, string, number, number, number, number, 0 | 1, 0 | 1])[] = [
  ['21025', 'Phường Cẩm Thành', 'Cẩm Thành', 'phuong', 'Quảng Ngãi', 'Thành phố Quảng Ngãi', 15.11346, 108.81193, 7.93, 61559, 1, 1],
  ['21028', 'Phường Nghĩa Lộ', 'Nghĩa Lộ', 'phuong', 'Quảng Ngãi', 'Thành phố Quảng Ngãi', 15.11856, 108.78473, 17.07, 74447, 1, 1],
  ['21034', 'Xã An Phú', 'An Phú', 'xa', 'Quảng Ngãi', 'Thành phố Quảng Ngãi', 15.12373, 108.86319, 33.93, 71021, 0, 1],
  ['21040', 'Xã Bình Sơn', 'Bình Sơn', 'xa', 'Quảng Ngãi', 'Huyện Bình Sơn', 15.3313, 108.74555, 100.07, 90109, 0, 1],
  ['21061', 'Xã Vạn Tường', 'Vạn Tường', 'xa', 'Quảng Ngãi', 'Huyện Bình Sơn', 15.3347, 108.82148, 109.28, 61275, 1, 1],
  ['21085', 'Xã Bình Minh', 'Bình Minh', 'xa', 'Quảng Ngãi', 'Huyện Bình Sơn', 15.31393, 108.65171, 128.6, 19772, 0, 1],
  ['21100', 'Xã Bình Chương', 'Bình Chương', 'xa', 'Quảng Ngãi', 'Huyện Bình Sơn', 15.26268, 108.72397, 30.79, 16521, 1, 1],
  ['21109', 'Xã Đông Sơn', 'Đông Sơn', 'xa', 'Quảng Ngãi', 'Huyện Bình Sơn; Thành phố Quảng Ngãi', 15.23812, 108.8638, 115.83, 56499, 1, 1],
  ['21115', 'Xã Trà Bồng', 'Trà Bồng', 'xa', 'Quảng Ngãi', 'Huyện Trà Bồng', 15.2655, 108.50248, 139.43, 18939, 1, 1],
  ['21124', 'Xã Thanh Bồng', 'Thanh Bồng', 'xa', 'Quảng Ngãi', 'Huyện Trà Bồng', 15.26937, 108.38418, 133.88, 7521, 1, 1],
  ['21127', 'Xã Đông Trà Bồng', 'Đông Trà Bồng', 'xa', 'Quảng Ngãi', 'Huyện Trà Bồng', 15.27066, 108.59052, 74.83, 11115, 1, 1],
  ['21136', 'Xã Cà Đam', 'Cà Đam', 'xa', 'Quảng Ngãi', 'Huyện Trà Bồng', 15.17085, 108.52849, 112.35, 4421, 1, 1],
  ['21154', 'Xã Tây Trà', 'Tây Trà', 'xa', 'Quảng Ngãi', 'Huyện Trà Bồng', 15.17662, 108.3447, 170.86, 11856, 1, 1],
  ['21157', 'Xã Tây Trà Bồng', 'Tây Trà Bồng', 'xa', 'Quảng Ngãi', 'Huyện Trà Bồng', 15.15075, 108.42601, 129.05, 8184, 1, 1],
  ['21172', 'Phường Trương Quang Trọng', 'Trương Quang Trọng', 'phuong', 'Quảng Ngãi', 'Thành phố Quảng Ngãi', 15.15462, 108.80955, 34.65, 50315, 1, 1],
  ['21181', 'Xã Thọ Phong', 'Thọ Phong', 'xa', 'Quảng Ngãi', 'Huyện Sơn Tịnh', 15.20331, 108.76983, 66.64, 27970, 1, 1],
  ['21196', 'Xã Trường Giang', 'Trường Giang', 'xa', 'Quảng Ngãi', 'Huyện Sơn Tịnh', 15.17656, 108.62062, 51.3, 21947, 1, 1],
  ['21205', 'Xã Ba Gia', 'Ba Gia', 'xa', 'Quảng Ngãi', 'Huyện Sơn Tịnh', 15.217, 108.66792, 66.14, 21529, 1, 1],
  ['21211', 'Xã Tịnh Khê', 'Tịnh Khê', 'xa', 'Quảng Ngãi', 'Thành phố Quảng Ngãi', 15.1658, 108.86485, 46.05, 55956, 1, 1],
  ['21220', 'Xã Sơn Tịnh', 'Sơn Tịnh', 'xa', 'Quảng Ngãi', 'Huyện Sơn Tịnh', 15.17407, 108.72153, 59.78, 42422, 0, 1],
  ['21235', 'Xã Tư Nghĩa', 'Tư Nghĩa', 'xa', 'Quảng Ngãi', 'Huyện Tư Nghĩa', 15.08005, 108.83161, 41.93, 59110, 1, 1],
  ['21238', 'Xã Vệ Giang', 'Vệ Giang', 'xa', 'Quảng Ngãi', 'Huyện Tư Nghĩa', 15.04691, 108.84033, 24.21, 38406, 1, 1],
  ['21244', 'Xã Trà Giang', 'Trà Giang', 'xa', 'Quảng Ngãi', 'Huyện Tư Nghĩa', 15.10246, 108.67218, 91.72, 20777, 1, 1],
  ['21250', 'Xã Nghĩa Giang', 'Nghĩa Giang', 'xa', 'Quảng Ngãi', 'Huyện Tư Nghĩa', 15.11006, 108.73652, 47.74, 39628, 1, 1],
  ['21289', 'Xã Sơn Hà', 'Sơn Hà', 'xa', 'Quảng Ngãi', 'Huyện Sơn Hà', 15.04729, 108.43526, 163.44, 20370, 1, 1],
  ['21292', 'Xã Sơn Hạ', 'Sơn Hạ', 'xa', 'Quảng Ngãi', 'Huyện Sơn Hà', 15.09546, 108.58712, 154.29, 24971, 0, 1],
  ['21307', 'Xã Sơn Linh', 'Sơn Linh', 'xa', 'Quảng Ngãi', 'Huyện Sơn Hà', 14.99743, 108.57659, 126.7, 17281, 1, 1],
  ['21319', 'Xã Sơn Thủy', 'Sơn Thủy', 'xa', 'Quảng Ngãi', 'Huyện Sơn Hà', 14.96807, 108.50154, 95.77, 12759, 1, 1],
  ['21325', 'Xã Sơn Kỳ', 'Sơn Kỳ', 'xa', 'Quảng Ngãi', 'Huyện Sơn Hà', 14.85382, 108.51448, 188.07, 12199, 0, 0],
  ['21334', 'Xã Sơn Tây Thượng', 'Sơn Tây Thượng', 'xa', 'Quảng Ngãi', 'Huyện Sơn Tây', 15.04073, 108.29204, 122.43, 7567, 1, 1],
  ['21340', 'Xã Sơn Tây', 'Sơn Tây', 'xa', 'Quảng Ngãi', 'Huyện Sơn Tây', 14.95981, 108.3426, 127.06, 9918, 1, 1],
  ['21343', 'Xã Sơn Tây Hạ', 'Sơn Tây Hạ', 'xa', 'Quảng Ngãi', 'Huyện Sơn Tây', 14.91713, 108.4255, 136.15, 5806, 0, 1],
  ['21349', 'Xã Sơn Mai', 'Sơn Mai', 'xa', 'Quảng Ngãi', 'Huyện Minh Long', 14.98593, 108.69729, 112.56, 10005, 1, 0],
  ['21361', 'Xã Minh Long', 'Minh Long', 'xa', 'Quảng Ngãi', 'Huyện Minh Long', 14.9253, 108.64984, 124.74, 10074, 1, 1],
  ['21364', 'Xã Nghĩa Hành', 'Nghĩa Hành', 'xa', 'Quảng Ngãi', 'Huyện Nghĩa Hành', 15.06378, 108.77743, 24.4, 31578, 1, 1],
  ['21370', 'Xã Phước Giang', 'Phước Giang', 'xa', 'Quảng Ngãi', 'Huyện Nghĩa Hành', 15.04278, 108.73689, 57.02, 23718, 1, 1],
  ['21385', 'Xã Đình Cương', 'Đình Cương', 'xa', 'Quảng Ngãi', 'Huyện Nghĩa Hành', 14.99936, 108.81754, 53.96, 35859, 1, 1],
  ['21388', 'Xã Thiện Tín', 'Thiện Tín', 'xa', 'Quảng Ngãi', 'Huyện Nghĩa Hành', 14.91398, 108.76523, 99.1, 17230, 1, 1],
  ['21400', 'Xã Mộ Đức', 'Mộ Đức', 'xa', 'Quảng Ngãi', 'Huyện Mộ Đức', 14.93273, 108.84693, 76.17, 35724, 1, 1],
  ['21409', 'Xã Long Phụng', 'Long Phụng', 'xa', 'Quảng Ngãi', 'Huyện Mộ Đức', 15.04528, 108.89015, 36.1, 39645, 1, 1],
  ['21421', 'Xã Mỏ Cày', 'Mỏ Cày', 'xa', 'Quảng Ngãi', 'Huyện Mộ Đức', 14.99462, 108.90196, 44.8, 38386, 0, 1],
  ['21433', 'Xã Lân Phong', 'Lân Phong', 'xa', 'Quảng Ngãi', 'Huyện Mộ Đức', 14.91047, 108.90942, 57.01, 35920, 1, 1],
  ['21439', 'Phường Đức Phổ', 'Đức Phổ', 'phuong', 'Quảng Ngãi', 'Thị xã Đức Phổ', 14.80364, 108.9561, 69.33, 41232, 1, 1],
  ['21451', 'Phường Trà Câu', 'Trà Câu', 'phuong', 'Quảng Ngãi', 'Thị xã Đức Phổ', 14.86495, 108.94957, 54.46, 45027, 1, 1],
  ['21457', 'Xã Nguyễn Nghiêm', 'Nguyễn Nghiêm', 'xa', 'Quảng Ngãi', 'Thị xã Đức Phổ', 14.84146, 108.87071, 95.33, 17839, 1, 1],
  ['21472', 'Xã Khánh Cường', 'Khánh Cường', 'xa', 'Quảng Ngãi', 'Thị xã Đức Phổ', 14.72913, 109.00785, 103.98, 28222, 1, 1],
  ['21478', 'Phường Sa Huỳnh', 'Sa Huỳnh', 'phuong', 'Quảng Ngãi', 'Thị xã Đức Phổ', 14.66175, 109.04752, 49.95, 32298, 1, 1],
  ['21484', 'Xã Ba Tơ', 'Ba Tơ', 'xa', 'Quảng Ngãi', 'Huyện Ba Tơ', 14.73853, 108.74144, 120.91, 12356, 0, 1],
  ['21490', 'Xã Ba Vinh', 'Ba Vinh', 'xa', 'Quảng Ngãi', 'Huyện Ba Tơ', 14.84401, 108.67816, 115.0, 6433, 1, 1],
  ['21496', 'Xã Ba Động', 'Ba Động', 'xa', 'Quảng Ngãi', 'Huyện Ba Tơ', 14.82663, 108.7744, 103.01, 7714, 1, 0],
  ['21499', 'Xã Ba Dinh', 'Ba Dinh', 'xa', 'Quảng Ngãi', 'Huyện Ba Tơ', 14.78942, 108.63095, 97.05, 7299, 1, 1],
  ['21520', 'Xã Đặng Thùy Trâm', 'Đặng Thùy Trâm', 'xa', 'Quảng Ngãi', 'Huyện Ba Tơ', 14.73726, 108.87151, 199.4, 4522, 1, 1],
  ['21523', 'Xã Ba Tô', 'Ba Tô', 'xa', 'Quảng Ngãi', 'Huyện Ba Tơ', 14.6418, 108.66004, 274.4, 9624, 1, 1],
  ['21529', 'Xã Ba Vì', 'Ba Vì', 'xa', 'Quảng Ngãi', 'Huyện Ba Tơ', 14.755, 108.56033, 125.4, 11558, 1, 0],
  ['21538', 'Xã Ba Xa', 'Ba Xa', 'xa', 'Quảng Ngãi', 'Huyện Ba Tơ', 14.63999, 108.55793, 102.79, 5522, 1, 0],
  ['21548', 'Đặc khu Lý Sơn', 'Lý Sơn', 'dacKhu', 'Quảng Ngãi', 'Huyện Lý Sơn', 15.38179, 109.1179, 10.4, 24658, 0, 1],
  ['23284', 'Phường Đăk Cấm', 'Đăk Cấm', 'phuong', 'Kon Tum', 'Thành phố Kon Tum', 14.41692, 108.01096, 66.33, 30553, 1, 0],
  ['23293', 'Phường Kon Tum', 'Kon Tum', 'phuong', 'Kon Tum', 'Thành phố Kon Tum', 14.35179, 108.01402, 19.14, 78327, 1, 1],
  ['23302', 'Phường Đăk Bla', 'Đăk Bla', 'phuong', 'Kon Tum', 'Thành phố Kon Tum', 14.32489, 107.98807, 14.99, 22736, 0, 1],
  ['23317', 'Xã Ngọk Bay', 'Ngọk Bay', 'xa', 'Kon Tum', 'Thành phố Kon Tum', 14.39586, 107.90195, 62.09, 23982, 1, 0],
  ['23326', 'Xã Ia Chim', 'Ia Chim', 'xa', 'Kon Tum', 'Thành phố Kon Tum', 14.31589, 107.9128, 115.49, 21589, 1, 0],
  ['23332', 'Xã Đăk Rơ Wa', 'Đăk Rơ Wa', 'xa', 'Kon Tum', 'Thành phố Kon Tum', 14.30132, 108.02573, 157.98, 26083, 1, 0],
  ['23341', 'Xã Đăk Pék', 'Đăk Pék', 'xa', 'Kon Tum', 'Huyện Đắk Glei', 15.0667, 107.7423, 182.72, 17654, 1, 1],
  ['23344', 'Xã Đăk Plô', 'Đăk Plô', 'xa', 'Kon Tum', 'Huyện Đắk Glei', 15.20592, 107.67714, 433.41, 5576, 1, 0],
  ['23356', 'Xã Xốp', 'Xốp', 'xa', 'Kon Tum', 'Huyện Đắk Glei', 15.13784, 107.83206, 265.86, 6563, 1, 0],
  ['23365', 'Xã Ngọc Linh', 'Ngọc Linh', 'xa', 'Kon Tum', 'Huyện Đắk Glei', 15.10759, 107.9428, 180.35, 6553, 1, 0],
  ['23368', 'Xã Đăk Long', 'Đăk Long', 'xa', 'Kon Tum', 'Huyện Đắk Glei', 14.96494, 107.57437, 280.5, 7096, 0, 1],
  ['23374', 'Xã Đăk Môn', 'Đăk Môn', 'xa', 'Kon Tum', 'Huyện Đắk Glei', 14.94763, 107.68232, 150.8, 12317, 0, 0],
  ['23377', 'Xã Bờ Y', 'Bờ Y', 'xa', 'Kon Tum', 'Huyện Ngọc Hồi', 14.70724, 107.60895, 242.11, 36005, 1, 1],
  ['23383', 'Xã Dục Nông', 'Dục Nông', 'xa', 'Kon Tum', 'Huyện Ngọc Hồi', 14.81646, 107.67951, 321.99, 15966, 1, 0],
  ['23392', 'Xã Sa Loong', 'Sa Loong', 'xa', 'Kon Tum', 'Huyện Ngọc Hồi', 14.58591, 107.6281, 275.26, 13075, 1, 1],
  ['23401', 'Xã Đăk Tô', 'Đăk Tô', 'xa', 'Kon Tum', 'Huyện Đắk Tô', 14.61911, 107.82599, 218.38, 35797, 1, 1],
  ['23416', 'Xã Đăk Sao', 'Đăk Sao', 'xa', 'Kon Tum', 'Huyện Tu Mơ Rông', 14.94249, 107.83609, 172.29, 6825, 1, 1],
  ['23419', 'Xã Đăk Tờ Kan', 'Đăk Tờ Kan', 'xa', 'Kon Tum', 'Huyện Tu Mơ Rông', 14.84968, 107.87272, 131.84, 9261, 1, 1],
  ['23425', 'Xã Tu Mơ Rông', 'Tu Mơ Rông', 'xa', 'Kon Tum', 'Huyện Tu Mơ Rông', 14.8185, 107.96502, 152.13, 6906, 1, 1],
  ['23428', 'Xã Ngọk Tụ', 'Ngọk Tụ', 'xa', 'Kon Tum', 'Huyện Đắk Tô', 14.74609, 107.76335, 160.97, 8725, 0, 1],
  ['23430', 'Xã Kon Đào', 'Kon Đào', 'xa', 'Kon Tum', 'Huyện Đắk Tô', 14.74541, 107.86644, 129.34, 13593, 0, 1],
  ['23446', 'Xã Măng Ri', 'Măng Ri', 'xa', 'Kon Tum', 'Huyện Tu Mơ Rông', 14.91981, 108.03558, 401.18, 8909, 0, 1],
  ['23455', 'Xã Măng Bút', 'Măng Bút', 'xa', 'Kon Tum', 'Huyện Kon Plông', 14.91325, 108.22411, 417.53, 9132, 0, 0],
  ['23473', 'Xã Măng Đen', 'Măng Đen', 'xa', 'Kon Tum', 'Huyện Kon Plông', 14.66871, 108.2993, 396.93, 10146, 0, 1],
  ['23476', 'Xã Kon Plông', 'Kon Plông', 'xa', 'Kon Tum', 'Huyện Kon Plông', 14.72632, 108.42656, 556.8, 9476, 1, 0],
  ['23479', 'Xã Đăk Rve', 'Đăk Rve', 'xa', 'Kon Tum', 'Huyện Kon Rẫy', 14.50073, 108.30483, 212.54, 8305, 1, 0],
  ['23485', 'Xã Đăk Kôi', 'Đăk Kôi', 'xa', 'Kon Tum', 'Huyện Kon Rẫy', 14.62747, 108.15232, 450.48, 6055, 0, 0],
  ['23497', 'Xã Kon Braih', 'Kon Braih', 'xa', 'Kon Tum', 'Huyện Kon Rẫy', 14.4303, 108.15853, 250.89, 18912, 1, 1],
  ['23500', 'Xã Đăk Hà', 'Đăk Hà', 'xa', 'Kon Tum', 'Huyện Đắk Hà', 14.46338, 107.92843, 104.08, 35975, 1, 1],
  ['23504', 'Xã Đăk Pxi', 'Đăk Pxi', 'xa', 'Kon Tum', 'Huyện Đắk Hà', 14.70889, 108.01036, 325.35, 11549, 1, 1],
  ['23510', 'Xã Đăk Ui', 'Đăk Ui', 'xa', 'Kon Tum', 'Huyện Đắk Hà', 14.60013, 108.02327, 132.52, 12230, 1, 1],
  ['23512', 'Xã Đăk Mar', 'Đăk Mar', 'xa', 'Kon Tum', 'Huyện Đắk Hà', 14.57421, 107.92405, 112.79, 19802, 1, 1],
  ['23515', 'Xã Ngọk Réo', 'Ngọk Réo', 'xa', 'Kon Tum', 'Huyện Đắk Hà', 14.49535, 108.03841, 170.29, 12301, 1, 1],
  ['23527', 'Xã Sa Thầy', 'Sa Thầy', 'xa', 'Kon Tum', 'Huyện Sa Thầy', 14.42842, 107.75901, 137.89, 19607, 1, 1],
  ['23530', 'Xã Rờ Kơi', 'Rờ Kơi', 'xa', 'Kon Tum', 'Huyện Sa Thầy', 14.51902, 107.70475, 298.29, 6507, 1, 0],
  ['23534', 'Xã Sa Bình', 'Sa Bình', 'xa', 'Kon Tum', 'Huyện Sa Thầy', 14.44768, 107.84945, 140.32, 17017, 1, 1],
  ['23535', 'Xã Ia Đal', 'Ia Đal', 'xa', 'Kon Tum', 'Huyện Ia H\' Drai', 14.24112, 107.4461, 218.11, 5106, 1, 1],
  ['23536', 'Xã Mô Rai', 'Mô Rai', 'xa', 'Kon Tum', 'Huyện Sa Thầy', 14.35805, 107.58955, 583.92, 5939, 0, 1],
  ['23538', 'Xã Ia Tơi', 'Ia Tơi', 'xa', 'Kon Tum', 'Huyện Ia H\' Drai', 14.1143, 107.53953, 762.1, 7541, 0, 1],
  ['23548', 'Xã Ya Ly', 'Ya Ly', 'xa', 'Kon Tum', 'Huyện Sa Thầy', 14.29045, 107.77039, 271.31, 10704, 1, 0],
];

export const COMMUNES: readonly Commune[] = ROWS.map(
  ([code, name, shortName, type, formerProvince, formerDistrict, lat, lon, areaKm2, population, confirmed, vcs]) => ({
    code,
    name,
    shortName,
    type,
    formerProvince,
    formerDistrict,
    lat,
    lon,
    areaKm2,
    population,
    populationConfirmed: confirmed === 1,
    hasVcs: vcs === 1,
  }),
);

export const COMMUNE_BY_CODE: ReadonlyMap<string, Commune> = new Map(
  COMMUNES.map((commune) => [commune.code, commune]),
);
