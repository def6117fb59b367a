import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Clock, Role } from '@ioc/contract';
import type { Config } from '../config/config.js';
import { Database, type Tx } from '../platform/database/database.js';
import { CLOCK, CONFIG } from '../platform/platform.module.js';
import { keptDemoPassword } from './demo-password.js';
import { hashPassword, verifyPassword } from './password-hash.js';
import { PeopleRepository } from './people.repository.js';
import { makePassword } from './secret.js';

/** What to print when the console has started; `lines` says it in words. */
export type StartNotice =
  | {
      readonly kind: 'demo';
      readonly password: string;
      readonly accounts: readonly { readonly login: string; readonly role: Role }[];
      readonly lines: readonly string[];
    }
  | {
      readonly kind: 'first-start';
      readonly login: string;
      readonly password: string;
      readonly lines: readonly string[];
    }
  | { readonly kind: 'none'; readonly lines: readonly string[] };

/** One account per role. */
const DEMO_ACCOUNTS: readonly { readonly login: string; readonly name: string; readonly role: Role }[] = [
  { login: 'truc', name: 'Nguyễn Thị Trực', role: 'operator' },
  { login: 'kythuat', name: 'Trần Văn Kỹ', role: 'technician' },
  { login: 'rasoat', name: 'Lê Thị Rà', role: 'reviewer' },
  { login: 'quantri', name: 'Phạm Quản Trị', role: 'administrator' },
  { login: 'xem', name: 'Võ Văn Xem', role: 'viewer' },
];
const FIRST_LOGIN = 'admin';

/** The accounts that exist without anybody having made them: those of the demo, and the first administrator. */
@Injectable()
export class FirstAccountsService {
  constructor(
    private readonly database: Database,
    private readonly people: PeopleRepository,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** `endedSessions`: hashes of the sessions that ended because demo accounts are no more. */
  async prepare(demo: boolean): Promise<{ readonly notice: StartNotice; readonly endedSessions: readonly Buffer[] }> {
    return demo ? { notice: await this.#enableDemo(), endedSessions: [] } : await this.#withoutDemo();
  }

  async #enableDemo(): Promise<StartNotice> {
    const password = this.config.demoPassword ?? (await keptDemoPassword(this.config.dataDir, makePassword));
    const accounts = await this.database.transaction(async (tx) => {
      const existing = new Map((await this.people.demoAccounts(tx)).map((account) => [account.login, account]));
      const enabled: { readonly login: string; readonly role: Role }[] = [];
      for (const { login, name, role } of DEMO_ACCOUNTS) {
        const account = existing.get(login);
        if (account === undefined) {
          if (await this.#insertDemoAccount(tx, login, name, role, password)) enabled.push({ login, role });
          continue;
        }
        // An unchanged password keeps its hash: a start need not hash five times.
        const same = (await verifyPassword(account.passwordHash, password)) === 'right';
        await this.people.enableDemoAccount(
          tx,
          account.id,
          name,
          role,
          same ? account.passwordHash : await hashPassword(password),
        );
        enabled.push({ login, role });
      }
      return enabled;
    });
    const lines = [
      `Tài khoản trình diễn / Demo accounts: ${accounts.map(({ login, role }) => `${login} (${role})`).join(', ')}`,
      `Mật khẩu / Password: ${password}`,
    ];
    return { kind: 'demo', password, accounts, lines };
  }

  /** False when a person has that login: theirs it stays. */
  async #insertDemoAccount(tx: Tx, login: string, name: string, role: Role, password: string): Promise<boolean> {
    const person = await this.people.insert(tx, {
      id: randomUUID(),
      login,
      name,
      role,
      passwordHash: await hashPassword(password),
      mustChangePassword: false,
      demo: true,
      createdAt: new Date(this.clock.now()),
    });
    return person !== null;
  }

  async #withoutDemo(): Promise<{ readonly notice: StartNotice; readonly endedSessions: readonly Buffer[] }> {
    const password = makePassword();
    const passwordHash = await hashPassword(password);
    return await this.database.transaction(async (tx) => {
      const endedSessions = await this.people.disableDemoAccounts(tx);
      const made =
        (await this.people.countOwn(tx)) === 0
          ? (await this.people.insert(tx, {
              id: randomUUID(),
              login: FIRST_LOGIN,
              name: 'Quản trị viên',
              role: 'administrator',
              passwordHash,
              mustChangePassword: true,
              demo: false,
              createdAt: new Date(this.clock.now()),
            })) !== null
          : await this.people.resetUnusedFirstPassword(tx, FIRST_LOGIN, passwordHash);
      if (!made) return { notice: { kind: 'none', lines: [] }, endedSessions };
      const lines = [
        `Quản trị viên đầu tiên / First administrator: ${FIRST_LOGIN}`,
        `Mật khẩu dùng một lần, phải đổi khi đăng nhập / One-time password, to be changed at sign-in: ${password}`,
      ];
      return { notice: { kind: 'first-start', login: FIRST_LOGIN, password, lines }, endedSessions };
    });
  }
}
