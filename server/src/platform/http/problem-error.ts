import type { LocalizedText, Problem, ProblemCode } from '@ioc/contract';

/** What a problem may tell beyond its code; `detail` is for a person, in the request's language. */
export interface ProblemDetails extends Pick<Problem, 'holder' | 'currentEtag' | 'issues'> {
  readonly detail?: string | LocalizedText;
  /** Bad fields, by path. */
  readonly errors?: readonly { readonly path: string; readonly message: string | LocalizedText }[];
  /** Further headers of the answer, such as `retry-after`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Status and title of every problem code. */
export const PROBLEMS: Readonly<Record<ProblemCode, { readonly status: number; readonly title: LocalizedText }>> = {
  'bad-request': { status: 400, title: { vi: 'Yêu cầu không hợp lệ', en: 'The request is not valid' } },
  'bad-cursor': { status: 400, title: { vi: 'Con trỏ trang không hợp lệ', en: 'The page cursor is not valid' } },
  'not-signed-in': { status: 401, title: { vi: 'Chưa đăng nhập', en: 'Not signed in' } },
  'wrong-credentials': { status: 401, title: { vi: 'Sai tên đăng nhập hoặc mật khẩu', en: 'Wrong login or password' } },
  'too-many-attempts': {
    status: 429,
    title: { vi: 'Quá nhiều lần thử, hãy đợi', en: 'Too many attempts, please wait' },
  },
  forbidden: { status: 403, title: { vi: 'Không có quyền', en: 'Not allowed' } },
  'password-change-required': {
    status: 403,
    title: { vi: 'Phải đổi mật khẩu trước', en: 'The password must be changed first' },
  },
  'not-found': { status: 404, title: { vi: 'Không tìm thấy', en: 'Not found' } },
  'method-not-allowed': { status: 405, title: { vi: 'Phương thức không được hỗ trợ', en: 'Method not allowed' } },
  'payload-too-large': { status: 413, title: { vi: 'Dữ liệu gửi lên quá lớn', en: 'The body is too large' } },
  'unsupported-media-type': {
    status: 415,
    title: { vi: 'Chỉ nhận JSON (application/json)', en: 'Only JSON (application/json) is taken' },
  },
  'precondition-required': { status: 428, title: { vi: 'Thiếu If-Match', en: 'If-Match is missing' } },
  'precondition-failed': { status: 412, title: { vi: 'Đã có người thay đổi trước', en: 'It was changed meanwhile' } },
  'already-taken': { status: 409, title: { vi: 'Đã có người tiếp nhận', en: 'Already taken' } },
  conflict: { status: 409, title: { vi: 'Xung đột với dữ liệu hiện có', en: 'It conflicts with what is there' } },
  'import-rejected': { status: 422, title: { vi: 'Tệp nhập bị từ chối', en: 'The import was rejected' } },
  unavailable: { status: 503, title: { vi: 'Tạm thời không phục vụ được', en: 'Temporarily unavailable' } },
  internal: { status: 500, title: { vi: 'Lỗi hệ thống', en: 'Internal error' } },
};

/** Thrown by controllers only; answered as `application/problem+json` (RFC 9457). */
export class ProblemError extends Error {
  constructor(
    readonly code: ProblemCode,
    readonly details: ProblemDetails = {},
  ) {
    super(code);
    this.name = 'ProblemError';
  }
}
