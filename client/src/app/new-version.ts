import { watch } from 'vue';
import type { Router } from 'vue-router';
import { useConnectionStore } from '../live/connection-store.js';
import { lookForNewVersion, takeNewVersion } from './app-update.js';

/** A page that was reloaded for a new version is not reloaded again within this time, whatever happens. */
const RELOAD_PAUSE_MS = 60_000;
const RELOADED_AT = 'ioc.reloadedAt';

function reload(path: string): void {
  const last = Number(sessionStorage.getItem(RELOADED_AT) ?? 0);
  if (Date.now() - last < RELOAD_PAUSE_MS) return;
  sessionStorage.setItem(RELOADED_AT, String(Date.now()));
  window.location.assign(path);
}

/** Whether the server now gives out another program than the one that runs here. */
async function isOutdated(): Promise<boolean> {
  const own = document.querySelector<HTMLScriptElement>('script[type="module"][src]')?.getAttribute('src');
  if (own === null || own === undefined) return false;
  const answer = await fetch('/', { cache: 'no-store' }).catch(() => null);
  return answer?.ok === true && !(await answer.text()).includes(own);
}

/**
 * A wall stays up for months and outlives the server's versions: when the connection comes back and the program has changed,
 * it loads the new one. Desks are left alone, somebody may be writing there; they load it with the next screen.
 */
export function followNewVersions(router: Router): void {
  const connection = useConnectionStore();
  watch(
    () => connection.link,
    (link, before) => {
      if (link !== 'live' || before !== 'lost') return;
      // Desks and phones are told when it is here, and choose the moment.
      void lookForNewVersion();
      if (router.currentRoute.value.name !== 'wall') return;
      void isOutdated().then(async (outdated) => {
        if (!outdated) return;
        await takeNewVersion();
        reload(router.currentRoute.value.fullPath);
      });
    },
  );
  // A screen's own file is gone after an upgrade: the new version has it under another name.
  router.onError((_error, to) => reload(to.fullPath));
}
