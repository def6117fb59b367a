import vue from '@vitejs/plugin-vue';
import { defineConfig, loadEnv } from 'vite';
import { serviceWorker } from './build/service-worker-plugin.js';

export default defineConfig(({ mode }) => {
  /** Where `npm run dev` finds the console; everything that is not a screen goes there. */
  const consoleUrl = loadEnv(mode, '.', 'IOC_')['IOC_CONSOLE_URL'] ?? 'http://127.0.0.1:8080';
  return {
    plugins: [
      vue(),
      serviceWorker({
        entry: 'src/pwa/service-worker.ts',
        screens: ['features/technician/TechnicianPage.vue', 'features/access/SignInPage.vue'],
        publicFiles: ['/favicon.svg', '/manifest.webmanifest', '/icon-192.png'],
      }),
    ],
    resolve: { conditions: ['@ioc/source', 'module', 'browser', 'development|production'] },
    define: {
      __VUE_OPTIONS_API__: 'false',
      __VUE_PROD_DEVTOOLS__: 'false',
      __INTLIFY_PROD_DEVTOOLS__: 'false',
    },
    build: {
      target: 'es2023',
      // Inlined assets would need `data:` in the content security policy.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 700,
      rolldownOptions: {
        output: {
          codeSplitting: {
            groups: [
              { name: 'echarts', test: /node_modules[\\/](echarts|zrender)[\\/]/ },
              { name: 'vue', test: /node_modules[\\/](@vue|vue|vue-router|pinia|vue-i18n|@intlify)[\\/]/ },
              { name: 'contract', test: /(node_modules[\\/]zod|contract[\\/]src)[\\/]/ },
            ],
          },
        },
      },
    },
    server: {
      proxy: {
        '/api': { target: consoleUrl },
        '/health': { target: consoleUrl },
        '/socket.io': { target: consoleUrl, ws: true },
      },
    },
  };
});
