import { ENDPOINTS } from '@ioc/contract';
import { call } from '../../live/api.js';
import type { RegisterFiles } from './register-files.js';

/** Checks the files, or imports them: all or nothing. */
export function importRegister(files: RegisterFiles, dryRun: boolean) {
  return call(ENDPOINTS.importRegister, { body: { dryRun, ...files } });
}
