import './require-node.mjs';

// After the check of the version: an older Node could not even read these.
const { prepare } = await import('./prepare.mjs');
await prepare();
// In this process, so that a Ctrl-C reaches the console itself, once.
await import('../dist/main.js');
