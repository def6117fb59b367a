import { z } from 'zod';
import { communeCode, entityId, instant } from '../vocabulary.js';
import { personName } from './alarms.js';
import { endpoint, page, pageQuery } from './endpoint.js';

/** A title has at most so many characters. */
export const MEETING_TITLE_LENGTH = 120;
/** A meeting lasts at most so long; what goes on for days is a meeting a day. */
export const MEETING_MAX_MS = 24 * 3_600_000;
/** A meeting begins at most so far ahead. */
export const MEETING_MAX_AHEAD_MS = 366 * 86_400_000;

/** Who takes part: every commune of the province, or some. An endpoint (VCS) takes part with its commune. */
export const meetingParticipants = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('all') }),
  z.strictObject({ kind: z.literal('communes'), codes: z.array(communeCode).min(1).max(200) }),
]);
export type MeetingParticipants = z.infer<typeof meetingParticipants>;

/** A videoconference of the province with communes. It ends after it begins, and at most 24 hours later. */
export const meetingBody = z.strictObject({
  title: z.string().trim().min(1).max(MEETING_TITLE_LENGTH),
  startsAt: instant,
  endsAt: instant,
  participants: meetingParticipants,
});
export type MeetingBody = z.infer<typeof meetingBody>;

/** Where a meeting stands: it comes, it runs, it is over, or it was cancelled (also: ended early). */
export const MEETING_STATES = ['upcoming', 'running', 'over', 'cancelled'] as const;
export type MeetingState = (typeof MEETING_STATES)[number];

/**
 * An endpoint before and in a meeting. `registered`: with the province’s conference system · `notRegistered`: heard, but not
 * registered · `lost`: not heard, so not registered either · `unknown`: we do not see it, because our own intake is broken.
 */
export const ENDPOINT_READINESS = ['registered', 'notRegistered', 'lost', 'unknown'] as const;
export const endpointReadiness = z.enum(ENDPOINT_READINESS);
export type EndpointReadiness = z.infer<typeof endpointReadiness>;

/** How ready the endpoints of a meeting are now. */
export const meetingAttendance = z.object({
  /** Communes that take part, with an endpoint or without. */
  communes: z.number().int(),
  endpoints: z.number().int(),
  registered: z.number().int(),
  /** Heard or lost; those that we do not see are in neither count. */
  notRegistered: z.number().int(),
  /** Codes of communes that take part and have no endpoint: no alarm, but nobody there can join. */
  withoutEndpoint: z.array(communeCode),
});
export type MeetingAttendance = z.infer<typeof meetingAttendance>;

export const meeting = meetingBody.extend({
  id: z.string(),
  version: z.number().int(),
  state: z.enum(MEETING_STATES),
  /** Entered by the demo, not by a person. */
  simulated: z.boolean(),
  enteredBy: personName,
  enteredAt: instant,
  cancelledAt: instant.nullable(),
  /** Null once it is over or cancelled: who was registered then is history. */
  attendance: meetingAttendance.nullable(),
});
export type Meeting = z.infer<typeof meeting>;

/** A commune of a meeting with its endpoints; none: it has no VCS equipment. */
export const meetingCommune = z.object({
  code: communeCode,
  name: z.string(),
  endpoints: z.array(
    z.object({
      deviceId: entityId,
      name: z.string(),
      readiness: endpointReadiness,
      /** Sample time of its newest reading; null when it was never heard. */
      heardAt: instant.nullable(),
    }),
  ),
});
export type MeetingCommune = z.infer<typeof meetingCommune>;

const byId = z.strictObject({ id: z.string().regex(/^\d{1,18}$/) });

export const meetingEndpoints = {
  listMeetings: endpoint({
    method: 'GET',
    path: '/meetings',
    tag: 'meetings',
    summary:
      'Meetings that run or come, the next first; with `past` those that are over or cancelled, the latest first',
    access: 'wall:read',
    query: z.strictObject({ ...pageQuery, past: z.stringbool().optional() }),
    response: page(meeting),
  }),
  getMeeting: endpoint({
    method: 'GET',
    path: '/meetings/{id}',
    tag: 'meetings',
    summary: 'One meeting with its communes and how ready the endpoints of each are now',
    access: 'wall:read',
    params: byId,
    response: meeting.extend({ participating: z.array(meetingCommune) }),
    versioned: true,
  }),
  createMeeting: endpoint({
    method: 'POST',
    path: '/meetings',
    tag: 'meetings',
    summary: 'Enters a meeting; endpoints that are not registered before it, or drop in it, are alarms from then on',
    access: 'maintenance:write',
    body: meetingBody,
    response: meeting,
    status: 201,
  }),
  changeMeeting: endpoint({
    method: 'PUT',
    path: '/meetings/{id}',
    tag: 'meetings',
    summary: 'Changes a meeting that is not over',
    access: 'maintenance:write',
    params: byId,
    body: meetingBody,
    response: meeting,
    versioned: true,
  }),
  cancelMeeting: endpoint({
    method: 'POST',
    path: '/meetings/{id}/cancel',
    tag: 'meetings',
    summary: 'Cancels a meeting, or ends one that runs; its alarms end with it',
    access: 'maintenance:write',
    params: byId,
    response: meeting,
    versioned: true,
  }),
};
