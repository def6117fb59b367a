import { ENDPOINTS, type Meeting, type MeetingBody } from '@ioc/contract';
import { call } from '../../live/api.js';

export function fetchMeetings(past: boolean, cursor: string | undefined, signal: AbortSignal) {
  return call(ENDPOINTS.listMeetings, { query: past ? { past: 'true', cursor } : { cursor }, signal });
}

export function fetchMeeting(id: string, signal: AbortSignal) {
  return call(ENDPOINTS.getMeeting, { params: { id }, signal });
}

export function createMeeting(body: MeetingBody) {
  return call(ENDPOINTS.createMeeting, { body });
}

export function changeMeeting({ id, version }: Pick<Meeting, 'id' | 'version'>, body: MeetingBody) {
  return call(ENDPOINTS.changeMeeting, { params: { id }, ifMatch: version, body });
}

export function cancelMeeting({ id, version }: Pick<Meeting, 'id' | 'version'>) {
  return call(ENDPOINTS.cancelMeeting, { params: { id }, ifMatch: version });
}
