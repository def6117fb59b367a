import { ENDPOINTS } from '@ioc/contract';
import { call } from '../../live/api.js';
import { toBase64 } from './photo.js';
import type { WorkServer } from './work-sender.js';

/** 400 kB on a connection of 32 kbit/s. */
const UPLOAD_TIMEOUT_MS = 120_000;

/** The console's API. */
export const workServer: WorkServer = {
  perform({ incidentId: id, action, requestId, version: ifMatch }) {
    const target = { params: { id }, ifMatch };
    switch (action.kind) {
      case 'acknowledge':
        return call(ENDPOINTS.acknowledgeIncident, { ...target, body: { requestId } });
      case 'release':
        return call(ENDPOINTS.releaseIncident, { ...target, body: { requestId } });
      case 'start':
        return call(ENDPOINTS.startIncident, { ...target, body: { requestId } });
      case 'comment': {
        const attachmentIds = action.photos.map((photo) => photo.id);
        return call(ENDPOINTS.commentIncident, { ...target, body: { note: action.note, attachmentIds, requestId } });
      }
      case 'resolve': {
        const { code, resolution } = action;
        return call(ENDPOINTS.resolveIncident, { ...target, body: { code, resolution, requestId } });
      }
    }
  },
  async upload({ id, content }) {
    const base64 = await toBase64(content);
    return await call(ENDPOINTS.uploadAttachment, {
      body: { id, mediaType: 'image/jpeg', base64 },
      timeoutMs: UPLOAD_TIMEOUT_MS,
    });
  },
  fetch: (id) => call(ENDPOINTS.getIncident, { params: { id } }),
};
