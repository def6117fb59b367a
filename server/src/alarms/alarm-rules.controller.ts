import { Controller } from '@nestjs/common';
import { ENDPOINTS, type AlarmRule, type ResponseOf, type RulePreview, type SessionInfo } from '@ioc/contract';
import { ProblemError } from '../platform/http/problem-error.js';
import { Caller, Input, Route, type RouteInput } from '../platform/http/route.js';
import { ReadingsService } from '../readings/readings.service.js';
import { AlarmRulesService, type RuleOutcome, type RuleRefusal } from './alarm-rules.service.js';
import { personOf } from './alarms.controller.js';
import { AlarmsService } from './alarms.service.js';

@Controller()
export class AlarmRulesController {
  constructor(
    private readonly rules: AlarmRulesService,
    private readonly alarms: AlarmsService,
    private readonly readings: ReadingsService,
  ) {}

  @Route(ENDPOINTS.listAlarmRules)
  listAlarmRules(
    @Input() { query }: RouteInput<typeof ENDPOINTS.listAlarmRules>,
  ): ResponseOf<typeof ENDPOINTS.listAlarmRules> {
    return { rules: [...this.rules.list(query.deviceClass)] };
  }

  @Route(ENDPOINTS.previewAlarmRule)
  previewAlarmRule(@Input() { body }: RouteInput<typeof ENDPOINTS.previewAlarmRule>): RulePreview {
    const rule = answer(this.rules.draft(body), 'body.rule.');
    return this.alarms.preview(rule, (id) => this.readings.latestOf(id));
  }

  @Route(ENDPOINTS.overrideAlarmRule)
  async overrideAlarmRule(
    @Input() { body }: RouteInput<typeof ENDPOINTS.overrideAlarmRule>,
    @Caller() caller: SessionInfo,
  ): Promise<AlarmRule> {
    return answer(await this.rules.override(body, personOf(caller)), 'body.rule.');
  }

  @Route(ENDPOINTS.saveAlarmRule)
  async saveAlarmRule(
    @Input() { params, body, ifMatch }: RouteInput<typeof ENDPOINTS.saveAlarmRule>,
    @Caller() caller: SessionInfo,
  ): Promise<AlarmRule> {
    return answer(await this.rules.save(params.id, body, ifMatch, personOf(caller)));
  }

  @Route(ENDPOINTS.removeAlarmRule)
  async removeAlarmRule(
    @Input() { params, ifMatch }: RouteInput<typeof ENDPOINTS.removeAlarmRule>,
    @Caller() caller: SessionInfo,
  ): Promise<void> {
    answer(await this.rules.remove(params.id, ifMatch, personOf(caller)));
  }

  @Route(ENDPOINTS.getAlarmRuleVersions)
  async getAlarmRuleVersions(
    @Input() { params }: RouteInput<typeof ENDPOINTS.getAlarmRuleVersions>,
  ): Promise<ResponseOf<typeof ENDPOINTS.getAlarmRuleVersions>> {
    const versions = await this.rules.versions(params.id);
    if (versions === null) throw new ProblemError('not-found');
    return { versions: [...versions] };
  }
}

/** `rulePath`: where in the body the rule stands. */
function answer(outcome: RuleOutcome, rulePath = 'body.'): AlarmRule {
  if (outcome.ok) return outcome.rule;
  throw problemOf(outcome, rulePath);
}

function problemOf(refusal: RuleRefusal, rulePath: string): ProblemError {
  switch (refusal.reason) {
    case 'not-found':
      return new ProblemError('not-found');
    case 'exists':
      return new ProblemError('conflict', {
        detail: { vi: 'Phạm vi này đã có quy tắc riêng', en: 'This scope has a rule of its own already' },
      });
    case 'default':
      return new ProblemError('conflict', {
        detail: { vi: 'Quy tắc đang là mặc định', en: 'The rule is the default already' },
      });
    case 'stale':
      return new ProblemError('precondition-failed', { currentEtag: `"${refusal.version}"` });
    case 'bad-rule': {
      const [first] = refusal.issues;
      return new ProblemError('bad-request', {
        errors: refusal.issues.map(({ path, reason }) => ({
          path: `${path.startsWith('scope') ? 'body.' : rulePath}${path}`,
          message: reason,
        })),
        ...(first === undefined ? {} : { detail: first.reason }),
      });
    }
  }
}
