// npm run test:faults -- [options]: runs tests/faults/kill-in-turn.ts on the built server (npm run build).
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const { module } = await runnerImport(fileURLToPath(new URL('kill-in-turn.ts', import.meta.url)), {
  configFile: false,
  logLevel: 'error',
});
process.exit(await module.run(process.argv.slice(2)));
