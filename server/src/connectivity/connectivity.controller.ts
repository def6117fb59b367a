import { Controller } from '@nestjs/common';
import { ENDPOINTS, type Page, type Outage } from '@ioc/contract';
import { z } from 'zod';
import { DevicesService } from '../devices/devices.service.js';
import { decodeCursor, encodeCursor } from '../platform/http/cursor.js';
import { ProblemError } from '../platform/http/problem-error.js';
import { Input, Route, type RouteInput } from '../platform/http/route.js';
import { ConnectivityService, type OutageWithRepairs } from './connectivity.service.js';
import { repairNoteOf } from './repair-note.js';

const position = z.tuple([z.number().int(), z.number().int()]);

@Controller()
export class ConnectivityController {
  constructor(
    private readonly connectivity: ConnectivityService,
    private readonly devices: DevicesService,
  ) {}

  @Route(ENDPOINTS.deviceOutages)
  async deviceOutages(@Input() input: RouteInput<typeof ENDPOINTS.deviceOutages>): Promise<Page<Outage>> {
    const { id } = input.params;
    const { limit, cursor } = input.query;
    if (!this.devices.register().devices.has(id)) throw new ProblemError('not-found');
    const after = decodeCursor(cursor, position);
    const found = await this.connectivity.outagesOf(id, limit, after && { beganAtMs: after[0], id: after[1] });
    const shown = found.slice(0, limit);
    const last = found.length > limit ? shown.at(-1)?.outage : undefined;
    return {
      items: shown.map(toOutage),
      nextCursor: last === undefined ? null : encodeCursor([last.began_ms, last.id]),
    };
  }
}

function toOutage({ outage, repairs }: OutageWithRepairs): Outage {
  return {
    id: String(outage.id),
    deviceId: outage.device_id,
    beganAt: new Date(outage.began_ms).toISOString(),
    endedAt: outage.ended_ms === null ? null : new Date(outage.ended_ms).toISOString(),
    basis: outage.basis,
    reason: outage.reason,
    repairs: repairs.map(({ repaired_ms, reading_ms, note }) => ({
      at: new Date(repaired_ms).toISOString(),
      readingAt: new Date(reading_ms).toISOString(),
      note: repairNoteOf(note),
    })),
  };
}
