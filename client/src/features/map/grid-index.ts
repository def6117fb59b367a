/** Finds points of the plane that are near a place without looking at all of them. Built once; positions never change. */
export class GridIndex {
  private readonly cells = new Map<number, number[]>();

  constructor(
    private readonly x: Float64Array,
    private readonly y: Float64Array,
    /** Width of a cell, in units of the plane. */
    private readonly cellSize: number,
  ) {
    for (let index = 0; index < x.length; index += 1) {
      const key = this.key(this.column(x[index] ?? 0), this.column(y[index] ?? 0));
      const cell = this.cells.get(key);
      if (cell === undefined) this.cells.set(key, [index]);
      else cell.push(index);
    }
  }

  /** Indexes of the points within a box, ends included. */
  within(minX: number, minY: number, maxX: number, maxY: number): number[] {
    const found: number[] = [];
    for (let column = this.column(minX); column <= this.column(maxX); column += 1) {
      for (let row = this.column(minY); row <= this.column(maxY); row += 1) {
        for (const index of this.cells.get(this.key(column, row)) ?? []) {
          const [x, y] = [this.x[index] ?? 0, this.y[index] ?? 0];
          if (x >= minX && x <= maxX && y >= minY && y <= maxY) found.push(index);
        }
      }
    }
    return found;
  }

  private column(value: number): number {
    return Math.floor(value / this.cellSize);
  }

  private key(column: number, row: number): number {
    return (column + 4_096) * 8_192 + (row + 4_096);
  }
}
