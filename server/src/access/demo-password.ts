import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

const OWNER_ONLY = 0o600;
const SHORTEST = 12;

/** The kept password of the demo accounts, or a new one from `make`, kept in `<dataDir>/demo-password` for its owner only. */
export async function keptDemoPassword(dataDir: string, make: () => string): Promise<string> {
  const file = path.join(dataDir, 'demo-password');
  const kept = await readFile(file, 'utf8').then(
    (text) => text.trim(),
    () => '',
  );
  if (kept.length >= SHORTEST) return kept;
  const password = make();
  await mkdir(dataDir, { recursive: true });
  await writeFile(file, `${password}\n`, { mode: OWNER_ONLY });
  return password;
}
