import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { readConfig } from '../config/config.js';
import { readBoundaries } from './boundaries.js';
import { IMPORTED_FILE, LARGEST_FILE_BYTES } from './boundaries.service.js';

const USAGE = `Usage: npm run map:import -- FILE [--attribution TEXT]
  FILE           GeoJSON or TopoJSON of the 96 commune polygons, WGS 84, with their 5-digit codes
  --attribution  whom to name beside the map, when the file does not say so itself
`;

/** Checks a file of commune polygons and puts it where the console reads it. Answers the exit code. */
async function importMap(args: readonly string[]): Promise<number> {
  const request = readRequest(args);
  if (request === null) {
    process.stderr.write(USAGE);
    return 2;
  }
  const config = readConfig(process.env);
  if (!config.ok) return fail(config.errors.join('\n'));
  const facts = await stat(request.file).catch(() => null);
  if (facts?.isFile() !== true) return fail(`Không có tệp / No such file: ${request.file}`);
  if (facts.size > LARGEST_FILE_BYTES) return fail('Tệp lớn hơn 64 MiB. / The file is larger than 64 MiB.');
  const result = readBoundaries(await readFile(request.file, 'utf8'));
  if (!result.ok) return fail(`${result.reason.vi}\n${result.reason.en}`);
  const attribution = request.attribution ?? result.boundaries.attribution;
  const boundaries = attribution === undefined ? result.boundaries : { ...result.boundaries, attribution };
  const target = path.join(config.config.dataDir, IMPORTED_FILE);
  await mkdir(config.config.dataDir, { recursive: true });
  // Renamed into place: a console that runs never reads half a file.
  await writeFile(`${target}.part`, JSON.stringify(boundaries));
  await rename(`${target}.part`, target);
  process.stdout.write(
    `Đã nhập ranh giới của ${boundaries.features.length} xã vào ${target}; tải lại trang để xem bản đồ địa lý.\n` +
      `Imported the boundaries of ${boundaries.features.length} communes into ${target}; reload the page for the geographic map.\n`,
  );
  if (attribution === undefined) {
    process.stdout.write('Tệp không ghi nguồn; thêm --attribution. / The file names no source; add --attribution.\n');
  }
  return 0;
}

function readRequest(
  args: readonly string[],
): { readonly file: string; readonly attribution: string | undefined } | null {
  try {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { attribution: { type: 'string' } },
    });
    const [file] = positionals;
    return file === undefined || positionals.length > 1
      ? null
      : { file, attribution: values.attribution?.slice(0, 500) };
  } catch {
    return null;
  }
}

function fail(message: string): number {
  process.stderr.write(`${message}\n`);
  return 1;
}

process.exitCode = await importMap(process.argv.slice(2));
