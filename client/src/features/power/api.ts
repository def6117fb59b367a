import { ENDPOINTS } from '@ioc/contract';
import { call } from '../../live/api.js';

/** Sites and feeders, most urgent first. */
export const fetchPriorities = (signal: AbortSignal) => call(ENDPOINTS.getPowerPriorities, { signal });
