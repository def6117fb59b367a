import './require-node.mjs';

// After the check of the version: an older Node could not even read these.
const { prepare } = await import('./prepare.mjs');
await prepare();
await import('../dist/devices/map-import.js');
