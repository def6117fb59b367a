export * from './vocabulary.js';
export * from './clock.js';
export * from './communes.js';
export * from './river-stations.js';
export * from './device-classes/index.js';
export * from './mqtt.js';
export * from './live.js';
export * from './http/index.js';
