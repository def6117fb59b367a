import { Controller } from '@nestjs/common';
import { ENDPOINTS, MAX_COMPARED_DEVICES, type MetricHistory, type ReadingHistory } from '@ioc/contract';
import { ProblemError } from '../platform/http/problem-error.js';
import { Input, Route, type RouteInput } from '../platform/http/route.js';
import { ReadingsService, type HistoryRefusal } from './readings.service.js';

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
    throw refusal(outcome);
  }

  @Route(ENDPOINTS.metricOfDevices)
  async metricOfDevices(
    @Input() { params, query }: RouteInput<typeof ENDPOINTS.metricOfDevices>,
  ): Promise<MetricHistory> {
    const outcome = await this.readings.metricHistory({
      deviceClass: params.deviceClass,
      metric: params.metric,
      deviceIds: query.devices.split(',').map((id) => id.trim()),
      fromMs: Date.parse(query.from),
      toMs: Date.parse(query.to),
      resolution: query.resolution ?? null,
    });
    if (outcome.ok) return outcome.history;
    throw refusal(outcome);
  }
}

function refusal(refused: HistoryRefusal): ProblemError {
  const bad = (path: string, message: string) => new ProblemError('bad-request', { errors: [{ path, message }] });
  switch (refused.reason) {
    case 'unknown-device':
      return new ProblemError('not-found', {
        detail: { vi: `Không có thiết bị ${refused.name}`, en: `There is no device ${refused.name}` },
      });
    case 'unknown-metric':
      return bad('metrics', `there is no metric ${refused.name}`);
    case 'bad-span':
      return bad('to', 'must be after "from", and at most 20 years after it');
    case 'too-many-points':
      return bad('resolution', 'gives too many points over this span: leave it out, or ask for less');
    case 'too-many-devices':
      return bad('devices', `at most ${MAX_COMPARED_DEVICES}`);
  }
}
