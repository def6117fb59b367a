import './require-node.mjs';

const { prepare, ROOT, runToEnd } = await import('./prepare.mjs');
await prepare();
const vitest = [process.execPath, `${ROOT}/node_modules/vitest/vitest.mjs`, 'run', ...process.argv.slice(2)];
process.exit(await runToEnd(vitest, ROOT));
