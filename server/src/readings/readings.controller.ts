import { Controller } from '@nestjs/common';
import { ENDPOINTS, type ReadingHistory } from '@ioc/contract';
import { ProblemError } from '../platform/http/problem-error.js';
import { Input, Route, type RouteInput } from '../platform/http/route.js';
import { ReadingsService } from './readings.service.js';

@Controller()
export class ReadingsController {
  constructor(private readonly readings: ReadingsService) {}

  @Route(ENDPOINTS.deviceReadings)
  async deviceReadings(
    @Input() { params, query }: RouteInput<typeof ENDPOINTS.deviceReadings>,
  ): Promise<ReadingHistory> {
    const outcome = await this.readings.history({
      deviceId: params.id,
      metrics: query.metrics === undefined ? null : query.metrics.split(',').map((name) => name.trim()),
      fromMs: Date.parse(query.from),
      toMs: Date.parse(query.to),
      resolution: query.resolution ?? null,
    });
    if (outcome.ok) return outcome.history;
    switch (outcome.reason) {
      case 'unknown-device':
        throw new ProblemError('not-found', {
          detail: { vi: `Không có thiết bị ${params.id}`, en: `There is no device ${params.id}` },
        });
      case 'unknown-metric':
        throw new ProblemError('bad-request', {
          errors: [{ path: 'metrics', message: `there is no metric ${outcome.metric}` }],
        });
      case 'bad-span':
        throw new ProblemError('bad-request', {
          errors: [{ path: 'to', message: 'must be after "from", and at most 20 years after it' }],
        });
      case 'too-many-points':
        throw new ProblemError('bad-request', {
          errors: [
            {
              path: 'resolution',
              message: 'gives more than 2,000 points over this span: leave it out, or ask for less',
            },
          ],
        });
    }
  }
}
