import { refusesNull } from './validators.js';

type Class = abstract new (...args: never[]) => object;

/** What `ApiProperty` notes of a property. */
interface Documented {
  required?: boolean;
  nullable?: boolean;
  /** A class of requests, in a list where there are several. */
  type?: unknown;
}

const PROPERTY = 'swagger/apiModelProperties';
const PROPERTIES = 'swagger/apiModelPropertiesArray';

function describedBy(type: unknown): Class | undefined {
  const one: unknown = Array.isArray(type) ? type[0] : type;
  const prototype: unknown = typeof one === 'function' ? one.prototype : undefined;
  const isDescribed = typeof prototype === 'object' && prototype !== null;
  return isDescribed && Reflect.hasMetadata(PROPERTIES, prototype) ? (one as Class) : undefined;
}

/**
 * Takes out of a body what is null although it is documented as optional and not as `nullable`: many clients send null
 * for what they leave out. Where null has a meaning of its own, the documentation says so, and it stays; so it does in
 * a change (`IsChange`), for the validator to refuse.
 */
export function leaveOutNulls(body: unknown, type: unknown): void {
  if (typeof body !== 'object' || body === null) return;
  const described = describedBy(type);
  if (!described) return;
  if (Array.isArray(body)) {
    for (const item of body as unknown[]) if (!Array.isArray(item)) leaveOutNulls(item, described);
    return;
  }
  const object = body as Record<string, unknown>;
  for (const [key, value] of Object.entries(object)) {
    const {
      required,
      nullable,
      type: inner,
    } = (Reflect.getMetadata(PROPERTY, described.prototype, key) ?? {}) as Documented;
    if (value !== null) leaveOutNulls(value, inner);
    else if (required === false && nullable !== true && !refusesNull(described, key)) delete object[key];
  }
}
