import { ValidationPipe } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { AppError, type FieldError } from '../errors/app-error.js';

const MAX_ERRORS = 20;

function flatten(errors: readonly ValidationError[], path: string, found: FieldError[]): FieldError[] {
  for (const error of errors) {
    if (found.length >= MAX_ERRORS) break;
    const field = `${path}${error.property}`.slice(0, 200);
    for (const [code, detail] of Object.entries(error.constraints ?? {}))
      found.push({ field, code, detail: detail.slice(0, 300) });
    flatten(error.children ?? [], `${field}.`, found);
  }
  return found;
}

/** Every body, query and path goes through here: unknown fields are refused, nothing is silently dropped. */
export function validationPipe(): ValidationPipe {
  return new ValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    transform: true,
    stopAtFirstError: true,
    validationError: { target: false, value: false },
    exceptionFactory: (errors) => {
      const fields = flatten(errors, '', []);
      const first = fields[0];
      const detail = first ? `${first.field}: ${first.detail}.` : 'The request is not valid.';
      return new AppError('validation_failed', detail, { errors: fields });
    },
  });
}
