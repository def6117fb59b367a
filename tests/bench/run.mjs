// npm run bench -- NAME [options]: runs `run` of tests/bench/NAME.ts, on the built server (npm run build).
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const folder = fileURLToPath(new URL('.', import.meta.url));
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.ts') && readFileSync(folder + file, 'utf8').includes('export async function run('))
  .map((file) => file.slice(0, -'.ts'.length));
const [, , name = '', ...options] = process.argv;
if (!names.includes(name)) {
  console.error(`usage: npm run bench -- (${names.join(' | ')}) [options]`);
  process.exit(2);
}
const { module } = await runnerImport(`${folder}${name}.ts`, { configFile: false, logLevel: 'error' });
await module.run(options);
