import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { administer, databaseAt } from './database-admin.js';
import type {} from './database-server.js';

export interface FreshDatabase {
  readonly url: string;
  readonly name: string;
  /** Drops it at once, whoever is still connected. What is not dropped goes at the end of the run. */
  drop(): Promise<void>;
}

/** A database of one's own with every table and no row, copied from the run's migrated template: 20–60 ms. */
export async function freshDatabase(): Promise<FreshDatabase> {
  const serverUrl = inject('testDatabaseServerUrl');
  const prefix = inject('testDatabasePrefix');
  const name = `${prefix}_${randomBytes(6).toString('hex')}`;
  await administer(serverUrl, `create database ${name} template ${prefix}_template`);
  return {
    url: databaseAt(serverUrl, name),
    name,
    drop: () => administer(serverUrl, `drop database if exists ${name} with (force)`),
  };
}
