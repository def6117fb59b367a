// Preloaded with --import where tests run the server from its sources: worker threads read TypeScript there too, which the
// main thread of a test file gets from vitest.
import { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';

if (!isMainThread) register('./worker-sources-loader.mjs', import.meta.url);
