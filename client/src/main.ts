import { createPinia } from 'pinia';
import { createApp } from 'vue';
import { z } from 'zod';
import '@fontsource/be-vietnam-pro/latin-400.css';
import '@fontsource/be-vietnam-pro/latin-500.css';
import '@fontsource/be-vietnam-pro/latin-600.css';
import '@fontsource/be-vietnam-pro/latin-700.css';
import '@fontsource/be-vietnam-pro/latin-ext-400.css';
import '@fontsource/be-vietnam-pro/latin-ext-500.css';
import '@fontsource/be-vietnam-pro/latin-ext-600.css';
import '@fontsource/be-vietnam-pro/latin-ext-700.css';
import '@fontsource/be-vietnam-pro/vietnamese-400.css';
import '@fontsource/be-vietnam-pro/vietnamese-500.css';
import '@fontsource/be-vietnam-pro/vietnamese-600.css';
import '@fontsource/be-vietnam-pro/vietnamese-700.css';
import './ui/tokens.css';
import './ui/base.css';
import AppShell from './app/AppShell.vue';
import { keepOnDevice } from './app/app-update.js';
import { followNewVersions } from './app/new-version.js';
import { router } from './app/router.js';
import { i18n } from './i18n/index.js';
import { startLive } from './live/live.js';

// The content security policy forbids code made from text; zod would try it and be reported.
z.config({ jitless: true });

const app = createApp(AppShell);
app.use(createPinia());
app.use(i18n);
startLive();
followNewVersions(router);
app.use(router);
app.mount('#app');
void keepOnDevice();
