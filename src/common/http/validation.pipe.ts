import { ValidationPipe, type ArgumentMetadata } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { AppError, type FieldError } from '../errors/app-error.js';
import { leaveOutNulls } from './left-out.js';
import { mostValuesOf, RAW_JSON, rawKeysOf } from './validators.js';

const MAX_ERRORS = 20;
/** Levels of a body, lists and objects. What comes later looks into it by calling itself. */
const MAX_DEPTH = 20;
/** Keys of one object: the transformer looks for each among all of them, so that many cost their square. */
const MAX_KEYS = 200;
/** Items of a list, and values of a body in all: each costs microseconds later, in which nobody else is served. */
const MAX_ITEMS = 2_000;
export const MAX_VALUES = 50_000;

const refused = (detail: string): AppError => new AppError('validation_failed', detail);

const PROTO_DETAIL = 'The body must not hold the key __proto__.';

/**
 * Refuses bodies that are too deep or too large to be looked at by general means. Of raw JSON only the depth and the key
 * `__proto__` are looked at: whoever reads it bounds the rest.
 * @throws AppError `validation_failed`, `malformed_json`
 */
function checkShape(body: unknown, type: ArgumentMetadata['metatype']): void {
  const rawHere = rawKeysOf(type);
  const most = mostValuesOf(type) ?? MAX_VALUES;
  const open: { value: object; depth: number; raw: boolean }[] = [];
  let values = 0;
  const look = (value: unknown, depth: number, raw: boolean): void => {
    if (!raw && ++values > most) throw refused(`The body has more than ${most} values.`);
    if (typeof value !== 'object' || value === null) return;
    if (depth > MAX_DEPTH) throw refused(`The body has more than ${MAX_DEPTH} levels.`);
    if (!raw && Array.isArray(value) && value.length > MAX_ITEMS)
      throw refused(`A list in the body has more than ${MAX_ITEMS} items.`);
    open.push({ value, depth, raw });
  };
  look(body, 1, false);
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, depth, raw } = next;
    if (Array.isArray(value)) {
      for (const item of value as unknown[]) look(item, depth + 1, raw);
      continue;
    }
    const object = value as Record<string, unknown>;
    let keys = 0;
    // One by one, so that it ends where there are too many.
    for (const key in object) {
      if (!raw && ++keys > MAX_KEYS) throw refused(`An object in the body has more than ${MAX_KEYS} keys.`);
      // JSON.parse makes it data, but what merges objects later may not. Refused, since to drop it would lie.
      if (key === '__proto__') throw new AppError('malformed_json', PROTO_DETAIL);
      look(object[key], depth + 1, raw || RAW_JSON.has(key) || (depth === 1 && rawHere.has(key)));
    }
  }
}

function flatten(errors: readonly ValidationError[], path: string, found: FieldError[]): FieldError[] {
  for (const error of errors) {
    if (found.length >= MAX_ERRORS) break;
    const field = `${path}${error.property}`.slice(0, 200);
    // Decorators are applied from the last to the first: what is written first, the type, is what says most. That something
    // does not look like an object says least.
    const broken = Object.entries(error.constraints ?? {});
    const said = broken.findLast(([code]) => code !== 'nestedValidation') ?? broken.at(-1);
    if (said) found.push({ field, code: said[0], detail: said[1].slice(0, 300) });
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
  override transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type === 'body') {
      checkShape(value, metadata.metatype);
      leaveOutNulls(value, metadata.metatype);
    }
    return super.transform(value, metadata);
  }

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
    validationError: { target: false, value: false },
    exceptionFactory: (errors) => {
      const fields = flatten(errors, '', []);
      const first = fields[0];
      const detail = first ? `${first.field}: ${first.detail}.` : 'The request is not valid.';
      return new AppError('validation_failed', detail, { errors: fields });
    },
  });
}
