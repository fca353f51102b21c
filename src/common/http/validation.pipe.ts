import { ValidationPipe } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { AppError, type FieldError } from '../errors/app-error.js';
import { RAW_JSON } from './validators.js';

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

/** Takes out of request objects the keys that the transformer stumbles over; the client's own JSON keeps its keys. */
function stripBuiltIns(value: unknown): void {
  const open = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next !== 'object' || next === null) continue;
    if (Array.isArray(next)) {
      // One by one: as arguments of a call, a long list would not fit on the stack.
      for (const item of next as unknown[]) open.push(item);
      continue;
    }
    const object = next as Record<string, unknown>;
    for (const key of ['__proto__', 'constructor', 'prototype']) delete object[key];
    for (const [key, inner] of Object.entries(object)) if (!RAW_JSON.has(key)) open.push(inner);
  }
}

class RequestPipe extends ValidationPipe {
  protected override stripProtoKeys(value: unknown): void {
    stripBuiltIns(value);
  }
}

/** Every body, query and path goes through here: unknown fields are refused, nothing is silently dropped. */
export function validationPipe(): ValidationPipe {
  return new RequestPipe({
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
