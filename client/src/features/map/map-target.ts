/** What a pointer is over: a device or a commune, and where on the map, CSS pixels. */
export interface MapTarget {
  readonly of: 'device' | 'commune';
  readonly id: string;
  readonly x: number;
  readonly y: number;
  /** Whether it lies in the right, or lower, half: a card then opens to the other side. */
  readonly right: boolean;
  readonly low: boolean;
}
