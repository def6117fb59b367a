import { fileURLToPath } from 'node:url';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vitest/config';

// Workspace packages are used from their sources, without a build.
const conditions = ['@ioc/source'];
const sources = {
  resolve: { conditions: [...conditions, 'module', 'browser', 'development|production', 'default'] },
  ssr: { resolve: { conditions: [...conditions, 'module', 'node', 'development|production', 'default'] } },
};

// NestJS injects by the metadata of constructor parameters.
const oxc = { decorator: { legacy: true, emitDecoratorMetadata: true } };

const realParts = {
  // One PostgreSQL for the run; every file copies its database from a migrated template.
  globalSetup: ['tests/harness/database-server.ts'],
  // Each file has a database and a console of its own; two cores carry two at a time.
  maxWorkers: 2,
  // The server's worker threads run from its sources too.
  execArgv: ['--import', fileURLToPath(new URL('tests/harness/worker-sources.mjs', import.meta.url))],
  testTimeout: 60_000,
  hookTimeout: 120_000,
};

// One group after the other, so that starts and browsers are not measured against a full machine.
const after = (groupOrder: number) => ({ sequence: { groupOrder } });

export default defineConfig({
  test: {
    projects: [
      {
        ...sources,
        oxc,
        plugins: [vue()],
        test: {
          name: 'unit',
          include: ['{contract,server,simulators,client}/src/**/*.test.ts'],
          testTimeout: 10_000,
          ...after(0),
        },
      },
      {
        ...sources,
        oxc,
        test: { name: 'integration', include: ['tests/integration/**/*.test.ts'], ...realParts, ...after(1) },
      },
      {
        ...sources,
        oxc,
        test: {
          name: 'system',
          include: ['tests/system/**/*.test.ts'],
          ...realParts,
          testTimeout: 180_000,
          ...after(2),
        },
      },
      {
        ...sources,
        oxc,
        test: { name: 'e2e', include: ['tests/e2e/**/*.test.ts'], ...realParts, testTimeout: 180_000, ...after(3) },
      },
    ],
  },
});
