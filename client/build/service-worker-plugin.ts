import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { build, type Plugin, type Rolldown } from 'vite';

export interface ServiceWorkerOptions {
  /** The worker's own file, from the project folder. */
  readonly entry: string;
  /** Screens that must open without a connection, by the file that they begin with. */
  readonly screens: readonly string[];
  /** Files of the public folder that belong to the shell, as addresses. */
  readonly publicFiles: readonly string[];
}

/**
 * Builds the service worker beside the page, as one file without a hash in its name, and tells it which files make up the
 * shell: whatever the page and the given screens need to start, and no more.
 */
export function serviceWorker({ entry, screens, publicFiles }: ServiceWorkerOptions): Plugin {
  let outDir = '';
  let root = '';
  let files: readonly string[] = [];
  return {
    name: 'service-worker',
    apply: 'build',
    configResolved(config) {
      root = config.root;
      outDir = path.resolve(config.root, config.build.outDir);
    },
    writeBundle(_options, bundle) {
      files = [...shellFilesOf(bundle, screens)].map((file) => `/${file}`).sort();
    },
    async closeBundle() {
      if (files.length === 0) return;
      const shell = [...publicFiles, ...files];
      const version = createHash('sha256');
      for (const file of ['/index.html', ...shell])
        version.update(file).update(await readFile(path.join(outDir, file)));
      await build({
        configFile: false,
        root,
        logLevel: 'warn',
        publicDir: false,
        define: {
          __SHELL_FILES__: JSON.stringify(shell),
          __SHELL_VERSION__: JSON.stringify(version.digest('hex').slice(0, 16)),
        },
        build: {
          outDir,
          emptyOutDir: false,
          target: 'es2023',
          modulePreload: false,
          rolldownOptions: {
            input: path.resolve(root, entry),
            output: { format: 'iife', entryFileNames: 'service-worker.js', codeSplitting: false },
          },
        },
      });
    },
  };
}

/** What the page and the screens import, directly or not, with their styles and fonts. */
function shellFilesOf(bundle: Rolldown.OutputBundle, screens: readonly string[]): ReadonlySet<string> {
  const files = new Set<string>();
  const add = (fileName: string): void => {
    const chunk = bundle[fileName];
    if (chunk === undefined || files.has(fileName)) return;
    files.add(fileName);
    if (chunk.type !== 'chunk') return;
    for (const imported of chunk.imports) add(imported);
    for (const style of chunk.viteMetadata?.importedCss ?? []) files.add(style);
    for (const asset of chunk.viteMetadata?.importedAssets ?? []) files.add(asset);
  };
  for (const chunk of Object.values(bundle)) {
    if (chunk.type !== 'chunk') continue;
    const screen = chunk.facadeModuleId ?? '';
    if (chunk.isEntry || screens.some((file) => screen.endsWith(file))) add(chunk.fileName);
  }
  // Browsers that have service workers take WOFF2; fonts stand in the styles, which are no chunk of their own.
  for (const name of Object.keys(bundle)) if (name.endsWith('.woff2')) files.add(name);
  return new Set([...files].filter((file) => !file.endsWith('.woff')));
}
