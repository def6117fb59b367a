import { Controller, Res, StreamableFile } from '@nestjs/common';
import { ENDPOINTS, type ResponseOf, type SessionInfo } from '@ioc/contract';
import type { Response } from 'express';
import { ProblemError } from '../platform/http/problem-error.js';
import { Caller, Input, Route, type RouteInput } from '../platform/http/route.js';
import { AttachmentsService, type UploadResult } from './attachments.service.js';

/** Whatever the bytes are, a browser that opens them by themselves runs and loads nothing. */
const CONTENT_POLICY = "default-src 'none'; sandbox";

@Controller()
export class AttachmentsController {
  constructor(private readonly attachments: AttachmentsService) {}

  @Route(ENDPOINTS.uploadAttachment)
  async upload(
    @Input() { body }: RouteInput<typeof ENDPOINTS.uploadAttachment>,
    @Caller() caller: SessionInfo,
  ): Promise<ResponseOf<typeof ENDPOINTS.uploadAttachment>> {
    if (caller.personId === null) throw new ProblemError('forbidden');
    const { id, mediaType, base64 } = body;
    const content = Buffer.from(base64, 'base64');
    const result = await this.attachments.upload(caller.personId, { id, mediaType, content });
    if (!result.ok) throw problemOf(result.reason);
    return { id, bytes: result.bytes };
  }

  @Route(ENDPOINTS.getAttachment)
  async get(
    @Input() { params }: RouteInput<typeof ENDPOINTS.getAttachment>,
    @Caller() caller: SessionInfo,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StreamableFile> {
    const photo = await this.attachments.find(params.id, caller.personId);
    if (photo === null) throw new ProblemError('not-found');
    response.setHeader('content-type', photo.mediaType);
    response.setHeader(
      'content-disposition',
      `inline; filename="${params.id}.${photo.mediaType.slice('image/'.length)}"`,
    );
    response.setHeader('content-security-policy', CONTENT_POLICY);
    return new StreamableFile(photo.content, { type: photo.mediaType, length: photo.content.length });
  }
}

function problemOf(reason: Extract<UploadResult, { ok: false }>['reason']): ProblemError {
  switch (reason) {
    case 'empty':
      return new ProblemError('bad-request', { detail: { vi: 'Ảnh trống', en: 'The photo is empty' } });
    case 'too-large':
      return new ProblemError('payload-too-large', {
        detail: { vi: 'Ảnh lớn hơn 2 MiB', en: 'The photo is larger than 2 MiB' },
      });
    case 'not-its-type':
      return new ProblemError('unsupported-media-type', {
        detail: {
          vi: 'Nội dung không phải là ảnh thuộc loại đã khai',
          en: 'The content is not a photo of the type that it is said to be',
        },
      });
    case 'other-photo':
      return new ProblemError('conflict', {
        detail: { vi: 'Mã ảnh này đã dùng cho ảnh khác', en: 'This id belongs to another photo' },
      });
    case 'too-many':
      return new ProblemError('too-many-attempts', {
        detail: { vi: 'Quá nhiều ảnh chưa gắn với bình luận nào', en: 'Too many photos that no comment names' },
      });
  }
}
