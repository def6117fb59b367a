import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { SECRET_KEY_TEXT } from '../../config/setting.js';
import { errorCode, StartError } from '../start-error.js';
import { makeSecretKey, SecretKeys } from './secret-keys.js';

const OWNER_ONLY = 0o600;

/**
 * The keys of the setting (the first seals), and that of `<dataDir>/secret-key`; without the setting that file is made at
 * the first start. A file that is there opens what it sealed also after the setting came.
 *
 * @param setting keys with commas between
 * @throws StartError when the file cannot be read or written, or holds no key: it is never replaced
 */
export async function loadSecretKeys(setting: string | undefined, dataDir: string): Promise<SecretKeys> {
  const file = path.join(dataDir, 'secret-key');
  const given = setting === undefined ? [] : setting.split(',').map((text) => text.trim());
  const kept = await keptKey(file);
  const [first, ...others] = kept === null ? given : [...given, kept];
  if (first !== undefined) return new SecretKeys([first, ...others]);
  const made = makeSecretKey();
  try {
    // Whole or not at all: half a key would be no key, and what was sealed with it lost.
    await writeFile(`${file}.new`, `${made}\n`, { mode: OWNER_ONLY });
    await rename(`${file}.new`, file);
  } catch (cause) {
    throw new StartError(
      `The file ${file} cannot be written (${errorCode(cause) ?? 'unknown'}): set IOC_SECRET_KEY, or IOC_DATA_DIR to a folder that can.`,
      { cause },
    );
  }
  return new SecretKeys([made]);
}

async function keptKey(file: string): Promise<string | null> {
  let text: string;
  try {
    text = (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return null;
    throw new StartError(
      `The file ${file} cannot be read (${errorCode(cause) ?? 'unknown'}): give the console the right to.`,
      {
        cause,
      },
    );
  }
  if (SECRET_KEY_TEXT.test(text)) return text;
  throw new StartError(
    `The file ${file} holds no key: bring it back from a backup, or remove it and enter the webhooks’ secrets again (or set IOC_SECRET_KEY).`,
  );
}
