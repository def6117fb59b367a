import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { knownMigrations, MIGRATIONS_FOLDER } from '@ioc/server/platform/database/migrate';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { administer, databaseAt } from '../harness/database-admin.js';

const NAME = 'incidents_before_alarms';
/** The last migration of the time when an incident was an outage. */
const LAST_BEFORE = '0011_stored_rollups';

describe('A database whose incidents were outages', () => {
  let database: pg.Client;

  beforeAll(async () => {
    const serverUrl = inject('testDatabaseServerUrl');
    await administer(serverUrl, `drop database if exists ${NAME} with (force)`);
    await administer(serverUrl, `create database ${NAME}`);
    database = new pg.Client({ connectionString: databaseAt(serverUrl, NAME) });
    await database.connect();
  });

  afterAll(async () => {
    await database.end();
    await administer(inject('testDatabaseServerUrl'), `drop database if exists ${NAME} with (force)`);
  });

  async function migrateFrom(after: string | null, until: string | null): Promise<void> {
    for (const name of await knownMigrations()) {
      if ((after !== null && name <= after) || (until !== null && name > until)) continue;
      await database.query(await readFile(path.join(MIGRATIONS_FOLDER, `${name}.sql`), 'utf8'));
    }
  }

  test('keeps who has what, and what stands becomes an alarm that ends with the outage', async () => {
    await migrateFrom(null, LAST_BEFORE);
    await database.query(`
      insert into organisation values ('VNPT', 'VNPT Quảng Ngãi', 'operator');
      insert into device (id, device_class, name, commune_code, organisation_id, lat, lon, reporting_interval_ms, registered_at)
        select 'BTS-' || n, 'bts', 'Trạm ' || n, '21025', 'VNPT', 15, 108, 10000, now() from generate_series(1, 3) n;
      insert into person (id, login, name, role, password_hash, created_at)
        values ('00000000-0000-4000-8000-000000000001', 'an.nguyen', 'An', 'technician', 'none', now());
      insert into outage (device_id, began_at, ended_at, basis, reason, detected_at)
        select 'BTS-' || n, now() - interval '3 days', case n when 3 then now() - interval '2 days' end, 'said', 'fibre',
               now() - interval '3 days' from generate_series(1, 3) n;
      insert into incident (version, state, severity, impact, outage_id, device_id, commune_code, basis, reason, began_at,
                            detected_at, ended_at, acknowledged_by, acknowledged_at, note)
        select 4, case id when 1 then 'acknowledged' when 2 then 'open' else 'resolved' end, 'minor', 'minor', id, device_id,
               '21025', basis, reason, began_at, detected_at, ended_at,
               case id when 1 then '00000000-0000-4000-8000-000000000001'::uuid end, case id when 1 then now() end,
               case id when 1 then 'đang đến' end from outage;
      insert into incident_change (incident_id, at, action) select id, now(), 'opened' from incident;`);
    await migrateFrom(LAST_BEFORE, null);
    const incidents = await database.query(
      `select state, kind, version, work_version, title ->> 'vi' as title, place_id, owner_id, alarms, note,
              acknowledged_by is not null as held from incident order by id`,
    );
    const common = { kind: 'single', owner_id: 'VNPT' };
    expect(incidents.rows).toEqual([
      {
        ...common,
        state: 'acknowledged',
        version: 4,
        work_version: 4,
        title: 'Trạm 1 mất kết nối',
        place_id: 'BTS-1',
        alarms: 1,
        note: 'đang đến',
        held: true,
      },
      {
        ...common,
        state: 'open',
        version: 4,
        work_version: 4,
        title: 'Trạm 2 mất kết nối',
        place_id: 'BTS-2',
        alarms: 1,
        note: null,
        held: false,
      },
      {
        ...common,
        state: 'closed',
        version: 5,
        work_version: 4,
        title: 'Trạm 3 mất kết nối',
        place_id: 'BTS-3',
        alarms: 0,
        note: null,
        held: false,
      },
    ]);
    const alarms = await database.query(
      `select resource_kind, resource_id, alarm_type, incident_id::int, rule_id, detail ->> 'reason' as reason,
              cleared_at is null as stands from alarm order by id`,
    );
    expect(alarms.rows).toEqual(
      [1, 2].map((n) => ({
        resource_kind: 'device',
        resource_id: `BTS-${n}`,
        alarm_type: 'connectivityLost',
        incident_id: n,
        rule_id: 'bts.lost',
        reason: 'fibre',
        stands: true,
      })),
    );
    expect((await database.query('select action from incident_change')).rows).toHaveLength(3);
  });
});
