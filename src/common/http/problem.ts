import type { FieldError } from '../errors/app-error.js';
import { AppError } from '../errors/app-error.js';
import { ERROR_TABLE, type ErrorCode } from '../errors/error-table.js';

/** RFC 9457 problem details: the one shape of every error response. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: ErrorCode;
  request_id: string;
  errors?: FieldError[];
}

export const PROBLEM_TYPE = 'application/problem+json';

export function toProblem(error: AppError, requestId: string): Problem {
  return {
    type: `urn:ai-backend:problem:${error.code}`,
    title: ERROR_TABLE[error.code].title,
    status: error.status,
    detail: error.detail,
    code: error.code,
    request_id: requestId,
    ...(error.errors ? { errors: error.errors } : {}),
  };
}
