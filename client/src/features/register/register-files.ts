/** The tables of the register, in the order in which they refer to each other. */
export const REGISTER_TABLES = ['organisations', 'feeds', 'hubs', 'gateways', 'sites', 'devices'] as const;
export type RegisterTable = (typeof REGISTER_TABLES)[number];

/** CSV text by table. */
export type RegisterFiles = Partial<Record<RegisterTable, string>>;

/** Largest file that the server takes, in characters. */
export const FILE_LENGTH = 8 * 1024 * 1024;

/** Which table a file is, by its name: `sites.csv`, `2026-11 Sites (final).csv`. The table named last counts. */
export function tableOf(fileName: string): RegisterTable | null {
  const name = fileName.toLowerCase();
  let found: { table: RegisterTable; at: number } | null = null;
  for (const table of REGISTER_TABLES) {
    const at = name.lastIndexOf(table);
    if (at >= 0 && (found === null || at > found.at)) found = { table, at };
  }
  return found?.table ?? null;
}

export type ReadFile =
  | { readonly ok: true; readonly table: RegisterTable; readonly text: string }
  | { readonly ok: false; readonly reason: 'unknownFile' | 'tooLarge' | 'notUtf8' };

/** A chosen file as text. A table saved in another encoding is refused here: its names would be wrong without anybody noticing. */
export function readFile(fileName: string, bytes: Uint8Array): ReadFile {
  const table = tableOf(fileName);
  if (table === null) return { ok: false, reason: 'unknownFile' };
  if (bytes.byteLength > FILE_LENGTH) return { ok: false, reason: 'tooLarge' };
  try {
    return { ok: true, table, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { ok: false, reason: 'notUtf8' };
  }
}

/** Rows below the header. */
export function rowsOf(text: string): number {
  return Math.max(0, text.split('\n').filter((line) => line.trim() !== '').length - 1);
}
