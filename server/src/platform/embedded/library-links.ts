import { readFile, symlink } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { errorCode, StartError } from '../start-error.js';

const links = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * Makes the library links that a package of binaries lists in `native/pg-symlinks.json`, as paths from its root. A package
 * archive carries no links, and npm leaves out the script that makes them when install scripts are ignored. A link that is
 * there already is left alone.
 */
export async function makeLibraryLinks(root: string): Promise<void> {
  const text = await readFile(path.join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of links.parse(JSON.parse(text))) {
    const link = path.join(root, target);
    const destination = path.relative(path.dirname(link), path.join(root, source));
    await symlink(destination, link).catch((error: unknown) => {
      if (errorCode(error) !== 'EEXIST') {
        throw new StartError(
          `The embedded PostgreSQL lacks library links and they cannot be made in ${path.dirname(link)}: make the folder writable, or set IOC_DATABASE_URL.`,
          { cause: error },
        );
      }
    });
  }
}
