import { Controller } from '@nestjs/common';
import { ENDPOINTS, type ResponseOf, type SessionInfo } from '@ioc/contract';
import { actorOf } from '../access/session.js';
import { ProblemError } from '../platform/http/problem-error.js';
import { Caller, Input, Route, type RouteInput } from '../platform/http/route.js';
import { OwnChannelsService } from './own-channels.service.js';

/** Where one is told oneself. */
@Controller()
export class OwnChannelsController {
  constructor(private readonly channels: OwnChannelsService) {}

  @Route(ENDPOINTS.getOwnChannels)
  async get(@Caller() caller: SessionInfo): Promise<ResponseOf<typeof ENDPOINTS.getOwnChannels>> {
    return { ...(await this.channels.of(personOf(caller))) };
  }

  @Route(ENDPOINTS.saveOwnEmail)
  async saveEmail(
    @Input() { body }: RouteInput<typeof ENDPOINTS.saveOwnEmail>,
    @Caller() caller: SessionInfo,
  ): Promise<void> {
    await this.channels.saveEmail(personOf(caller), body.email, actorOf(caller));
  }

  @Route(ENDPOINTS.subscribePush)
  async subscribe(
    @Input() { body }: RouteInput<typeof ENDPOINTS.subscribePush>,
    @Caller() caller: SessionInfo,
  ): Promise<void> {
    if (await this.channels.subscribe(personOf(caller), body, actorOf(caller))) return;
    throw new ProblemError('bad-request', {
      detail: { vi: 'Đăng ký thông báo đẩy không dùng được', en: 'It is no push subscription that can be used' },
    });
  }

  @Route(ENDPOINTS.unsubscribePush)
  async unsubscribe(
    @Input() { body }: RouteInput<typeof ENDPOINTS.unsubscribePush>,
    @Caller() caller: SessionInfo,
  ): Promise<void> {
    await this.channels.unsubscribe(personOf(caller), body.endpoint, actorOf(caller));
  }
}

/** A wall has no person behind it. */
function personOf({ personId, mustChangePassword }: SessionInfo): string {
  if (personId === null || mustChangePassword) throw new ProblemError('forbidden');
  return personId;
}
