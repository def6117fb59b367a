import { COMMUNE_BY_CODE, DEVICE_CLASS_IDS, type MapDevice } from '@ioc/contract';
import { contains } from '../../charts/commune-map/geometry.js';
import { project, type Point } from '../../charts/commune-map/projection.js';
import type { CommuneShape } from '../../charts/commune-map/schematic-cells.js';

/**
 * Where every device stands on the plane, as columns: fixed until the register or the shapes change. `offsetX/offsetY` spread
 * the devices of one site around it, in sizes of a mark, so that four operators on a tower are four marks.
 */
export interface PlacedDevices {
  readonly devices: readonly MapDevice[];
  readonly indexOf: ReadonlyMap<string, number>;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly offsetX: Float32Array;
  readonly offsetY: Float32Array;
  /** Index into DEVICE_CLASS_IDS. */
  readonly classIndex: Uint8Array;
}

/** Draws a point towards the label point of its commune until it lies inside the shape. */
function pulledInside(shape: CommuneShape, [x, y]: Point, [centreX, centreY]: Point): Point {
  for (let part = 1; part > 0.05; part -= 0.08) {
    const point: Point = [centreX + (x - centreX) * part, centreY + (y - centreY) * part];
    if (contains(shape.polygons, point[0], point[1])) return point;
  }
  return [centreX, centreY];
}

/**
 * Places the devices. On the schematic shapes a device keeps to its commune's cell (`keepInside`); on real boundaries it
 * stands where it stands.
 */
export function placeDevices(
  devices: readonly MapDevice[],
  shapes: readonly CommuneShape[],
  keepInside: boolean,
): PlacedDevices {
  const shapeOf = new Map(shapes.map((shape) => [shape.code, shape]));
  const size = devices.length;
  const placed = {
    devices,
    indexOf: new Map(devices.map((device, index) => [device.id, index])),
    x: new Float64Array(size),
    y: new Float64Array(size),
    offsetX: new Float32Array(size),
    offsetY: new Float32Array(size),
    classIndex: new Uint8Array(size),
  };
  const atSpot = new Map<string, number[]>();
  devices.forEach((device, index) => {
    const commune = COMMUNE_BY_CODE.get(device.communeCode);
    const shape = shapeOf.get(device.communeCode);
    let point = project(device.lon, device.lat);
    if (keepInside && commune !== undefined && shape !== undefined) {
      point = pulledInside(shape, point, project(commune.lon, commune.lat));
    }
    placed.x[index] = point[0];
    placed.y[index] = point[1];
    placed.classIndex[index] = DEVICE_CLASS_IDS.indexOf(device.deviceClass);
    const spot = `${point[0].toFixed(2)},${point[1].toFixed(2)}`;
    const members = atSpot.get(spot);
    if (members === undefined) atSpot.set(spot, [index]);
    else members.push(index);
  });
  for (const members of atSpot.values()) spread(placed, members);
  return placed;
}

function spread(placed: PlacedDevices, members: readonly number[]): void {
  if (members.length < 2) return;
  const radius = Math.max(0.62, members.length / 6.2);
  members.forEach((index, position) => {
    const angle = (2 * Math.PI * position) / members.length - Math.PI / 2;
    placed.offsetX[index] = radius * Math.cos(angle);
    placed.offsetY[index] = radius * Math.sin(angle);
  });
}
