import { Controller } from '@nestjs/common';
import { ENDPOINTS, type DisplayToken, type Person, type ResponseOf, type SessionInfo } from '@ioc/contract';
import { ProblemError } from '../platform/http/problem-error.js';
import { Caller, Input, Route, type RouteInput } from '../platform/http/route.js';
import { PeopleService } from './people.service.js';
import { actorOf } from './session.js';

/** People and walls, for administrators. */
@Controller()
export class PeopleController {
  constructor(private readonly people: PeopleService) {}

  @Route(ENDPOINTS.listPeople)
  async listPeople(): Promise<ResponseOf<typeof ENDPOINTS.listPeople>> {
    return { items: [...(await this.people.list())] };
  }

  @Route(ENDPOINTS.createPerson)
  async createPerson(
    @Input() input: RouteInput<typeof ENDPOINTS.createPerson>,
    @Caller() caller: SessionInfo,
  ): Promise<Person> {
    const outcome = await this.people.create(input.body, actorOf(caller));
    if (outcome.ok) return outcome.person;
    const detail =
      outcome.reason === 'login-taken'
        ? { vi: 'Tên đăng nhập đã có người dùng', en: 'The login is taken' }
        : { vi: 'Đã đạt số tài khoản tối đa', en: 'There are as many people as there can be' };
    throw new ProblemError('conflict', { detail });
  }

  @Route(ENDPOINTS.changePerson)
  async changePerson(
    @Input() input: RouteInput<typeof ENDPOINTS.changePerson>,
    @Caller() caller: SessionInfo,
  ): Promise<Person> {
    const outcome = await this.people.change(input.params.id, input.body, actorOf(caller));
    if (outcome.ok) return outcome.person;
    if (outcome.reason === 'not-found') throw new ProblemError('not-found');
    throw new ProblemError('conflict', {
      detail: { vi: 'Phải còn ít nhất một quản trị viên', en: 'There must remain an administrator' },
    });
  }

  @Route(ENDPOINTS.listDisplayTokens)
  async listDisplayTokens(): Promise<ResponseOf<typeof ENDPOINTS.listDisplayTokens>> {
    return { items: [...(await this.people.listDisplayTokens())] };
  }

  @Route(ENDPOINTS.createDisplayToken)
  async createDisplayToken(
    @Input() input: RouteInput<typeof ENDPOINTS.createDisplayToken>,
    @Caller() caller: SessionInfo,
  ): Promise<DisplayToken & { token: string }> {
    const created = await this.people.createDisplayToken(input.body.name, actorOf(caller));
    if (created !== null) return created;
    throw new ProblemError('conflict', {
      detail: { vi: 'Đã đạt số màn hình tối đa', en: 'There are as many display tokens as there can be' },
    });
  }

  @Route(ENDPOINTS.revokeDisplayToken)
  async revokeDisplayToken(
    @Input() input: RouteInput<typeof ENDPOINTS.revokeDisplayToken>,
    @Caller() caller: SessionInfo,
  ): Promise<void> {
    if (!(await this.people.revokeDisplayToken(input.params.id, actorOf(caller)))) throw new ProblemError('not-found');
  }
}
