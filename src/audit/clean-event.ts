import { timeOrderedId } from '../common/time-ordered-id.js';
import type { AuditEvent, AuditRow } from './audit.types.js';

/** Nearly all text: there is nothing in it to take away. */
const PLAIN = /^[\x20-\x7e]*$/;
/** Line ends, other control characters, and those that make text look different from what it is. */
const DECEIVING = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const SECRET_NAME = /pass(word|phrase)|secret|token|authorization|cookie|api_?key$|^key$|hash$|^code$|otp/i;
const MAX_TEXT = 1000;
const MAX_ITEMS = 200;
const MAX_DEPTH = 5;

/** What was written by a client must not look like another line or entry wherever the log is read. */
export function neutralise(value: string, max = MAX_TEXT): string {
  if (value.length <= max && PLAIN.test(value)) return value;
  const visible = value
    .slice(0, max)
    .toWellFormed()
    .replace(DECEIVING, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return visible.slice(0, max);
}

function cleanDetail(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return neutralise(value);
  if (value instanceof Date) return value.toISOString();
  if (value === null || typeof value !== 'object') return value;
  if (depth === MAX_DEPTH) return '[too deep]';
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => cleanDetail(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, MAX_ITEMS)
      .map(([name, item]) => [
        neutralise(name, 100),
        // A last resort: who records an event leaves secrets out.
        SECRET_NAME.test(name) && item !== null && typeof item !== 'number' && typeof item !== 'boolean'
          ? '[redacted]'
          : cleanDetail(item, depth + 1),
      ]),
  );
}

const orNull = (value: string | null | undefined, max: number): string | null =>
  value == null ? null : neutralise(value, max);

export function toRow(event: AuditEvent): AuditRow {
  return {
    // What happened in one moment keeps its order.
    id: timeOrderedId(),
    at: new Date(),
    action: neutralise(event.action, 64),
    actor_id: event.actorId ?? null,
    target_type: orNull(event.targetType, 32),
    target_id: orNull(event.targetId, 512),
    ip: orNull(event.ip, 64),
    request_id: orNull(event.requestId, 64),
    details: cleanDetail(event.details ?? {}, 0) as Record<string, unknown>,
  };
}
