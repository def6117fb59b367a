/** A figure as people write it in Vietnamese: a comma, and no more places than it has. */
export function decimalsVi(value: number, places = 2): string {
  return decimalsEn(value, places).replace('.', ',');
}

/** A figure as people write it in English. */
export function decimalsEn(value: number, places = 2): string {
  return String(Math.round(value * 10 ** places) / 10 ** places);
}

/** `2 giờ 05 phút`, `45 phút`. */
export function minutesVi(minutes: number): string {
  const whole = Math.max(0, Math.round(minutes));
  return whole < 60 ? `${whole} phút` : `${Math.floor(whole / 60)} giờ ${String(whole % 60).padStart(2, '0')} phút`;
}

export function minutesEn(minutes: number): string {
  const whole = Math.max(0, Math.round(minutes));
  return whole < 60 ? `${whole} min` : `${Math.floor(whole / 60)} h ${String(whole % 60).padStart(2, '0')} min`;
}
