import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import { readStoragePolicy, type StoragePolicy } from '../platform/database/storage-policy.js';

const PING = 'select 1 as one';

@Injectable()
export class HealthRepository {
  constructor(private readonly database: Database) {}

  /** Whether the database answers; rejects when it does not. */
  async ping(): Promise<void> {
    await this.database.query(PING);
  }

  /** The storage policy in force; null before the first was applied. */
  storagePolicy(): Promise<StoragePolicy | null> {
    return readStoragePolicy(this.database);
  }
}
