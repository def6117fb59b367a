import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';

const INSERT_ENTRY = `insert into audit_entry (at, actor, action, subject, detail) values ($1, $2, $3, $4, $5)`;

/** SQL of the audit trail. */
@Injectable()
export class AuditRepository {
  async insert(tx: Tx, at: Date, actor: string, action: string, subject: string, detail: object): Promise<void> {
    await tx.execute(INSERT_ENTRY, [at, actor, action, subject, JSON.stringify(detail)]);
  }
}
