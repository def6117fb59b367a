import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { DevicesService } from '../devices/devices.service.js';
import { Database } from '../platform/database/database.js';
import { LOGGER } from '../platform/platform.module.js';
import { AlarmRulesService } from './alarm-rules.service.js';
import type { AskedChanges } from './asked-changes.js';
import { judgeCapacity, usedPercent } from './capacity.js';
import { CapacityRepository } from './capacity.repository.js';

const DAY_MS = 86_400_000;

/** Judges once a day what links carried against what was contracted. */
@Injectable()
export class CapacityService {
  constructor(
    private readonly database: Database,
    private readonly repository: CapacityRepository,
    private readonly devices: DevicesService,
    private readonly rules: AlarmRulesService,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * What links carried over the days is added up beside the intake; what comes of it is asked of the next turn. A turn that
   * is done again adds it up again, to the same result.
   */
  async judge(nowMs: number, asked: AskedChanges): Promise<void> {
    try {
      const book = this.rules.book();
      const links = [...this.devices.register().devices.values()].flatMap((device) => {
        const rule = book.ruleFor(device, 'capacity');
        return rule?.condition.kind === 'capacity' ? [{ device, rule, condition: rule.condition }] : [];
      });
      const kinds = new Map(links.map(({ condition }) => [`${condition.percentile} ${condition.days}`, condition]));
      for (const { percentile, days } of kinds.values()) {
        const of = links.filter(({ condition }) => condition.percentile === percentile && condition.days === days);
        const span = { fromMs: nowMs - days * DAY_MS, toMs: nowMs };
        const ids = of.map(({ device }) => device.id);
        const carried = await this.repository.carried(this.database, ids, percentile, span);
        await asked.ask((turn) => {
          for (const { device, rule } of of) {
            const load = carried.get(device.id) ?? { inMbps: null, outMbps: null, samples: 0 };
            judgeCapacity(turn, device, rule, usedPercent(load, Number(device.attributes['capacityMbps']), days));
          }
        });
      }
    } catch (error) {
      this.logger.warn({ err: error }, 'the capacity of links was not judged; tomorrow it is tried again');
    }
  }
}
