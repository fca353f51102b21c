import { applyDecorators } from '@nestjs/common';
import { Transform, Type } from 'class-transformer';
import {
  IsBoolean,
  IsInt,
  IsObject,
  IsOptional,
  IsUUID,
  Max,
  Min,
  ValidateBy,
  ValidateIf,
  ValidateNested,
  buildMessage,
  type ValidationOptions,
} from 'class-validator';
import { isStorableText } from '../storable-text.js';

function wrongTextOf(value: unknown): string {
  if (value === undefined) return 'is required';
  return value === null ? 'must be text, not null' : 'must be text without NUL characters or lone surrogates';
}

/** A string that can be stored and returned unchanged. */
export const IsText = (options?: ValidationOptions): PropertyDecorator =>
  ValidateBy(
    {
      name: 'isText',
      validator: {
        validate: isStorableText,
        defaultMessage: buildMessage((each, args) => `${each}$property ${wrongTextOf(args?.value)}`),
      },
    },
    options,
  );

/** Not only white space. */
export const IsNotBlank = (options?: ValidationOptions): PropertyDecorator =>
  ValidateBy(
    {
      name: 'isNotBlank',
      validator: {
        validate: (value: unknown) => typeof value === 'string' && value.trim().length > 0,
        defaultMessage: buildMessage((each) => `${each}$property must not be blank`),
      },
    },
    options,
  );

const changes = new WeakMap<object, Set<string>>();

/**
 * A field of a change, of which null is no value: left out it stays as it is. Elsewhere null counts as left out, but
 * whoever sends it here means to take something away, and must not be told that it is done.
 */
export const IsChange = (): PropertyDecorator =>
  applyDecorators(
    ValidateIf((_body, value) => value !== undefined),
    (target: object, key: string | symbol) => {
      changes.set(target.constructor, (changes.get(target.constructor) ?? new Set()).add(String(key)));
    },
  );

/** Whether null in this property is refused and not left out. */
export const refusesNull = (type: object, key: string): boolean => changes.get(type)?.has(key) === true;

/** Two names for one thing: only one of them may be given. */
export const Excludes = (other: string, options?: ValidationOptions): PropertyDecorator =>
  ValidateBy(
    {
      name: 'excludes',
      validator: {
        validate: (_value: unknown, args) =>
          (args?.object as Record<string, unknown> | undefined)?.[other] === undefined,
        defaultMessage: buildMessage((each) => `${each}$property cannot be given together with ${other}`),
      },
    },
    options,
  );

const MAX_METADATA_BYTES = 16 * 1024;
const MAX_METADATA_DEPTH = 5;

function isBoundedJson(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return isStorableText(value);
  if (value === null || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || depth >= MAX_METADATA_DEPTH) return false;
  return Object.entries(value).every(
    ([key, inner]) => key !== '__proto__' && isStorableText(key) && isBoundedJson(inner, depth + 1),
  );
}

/** Properties that hold JSON of the client's own making: nothing looks into them but their validators. */
export const RAW_JSON: ReadonlySet<string> = new Set(['metadata', 'filter']);

const rawOf = new WeakMap<object, Set<string>>();

const valuesOf = new WeakMap<object, number>();

/** How many values a body of this class may have, where its own limits allow more than is usual. */
export const MayHaveValues =
  (most: number): ClassDecorator =>
  (type) =>
    void valuesOf.set(type, most);

export const mostValuesOf = (type: object | undefined): number | undefined => type && valuesOf.get(type);

/** Properties of a class of requests that are `RawJson`. */
export const rawKeysOf = (type: object | undefined): ReadonlySet<string> => {
  const keys = new Set<string>();
  for (let each: unknown = type; typeof each === 'function'; each = Object.getPrototypeOf(each))
    for (const key of rawOf.get(each) ?? []) keys.add(key);
  return keys;
};

const noteRaw: PropertyDecorator = (target, key) => {
  const keys = rawOf.get(target.constructor) ?? new Set();
  rawOf.set(target.constructor, keys.add(String(key)));
};

/**
 * JSON as it came, or what `change` makes of it. Left to itself the transformer would copy it and lose or trip over
 * keys such as `constructor` and `toString`; what it takes for a boolean it does not look into. Only for properties
 * whose name is in `RAW_JSON`.
 */
export const RawJson = (
  change: (value: unknown, key: string) => unknown = (value) => value,
): PropertyDecorator =>
  applyDecorators(
    noteRaw,
    Type(() => Boolean),
    Transform(({ obj, key }: { obj: Record<string, unknown>; key: string }) => change(obj[key], key)),
  );

/** An object of that class. `ValidateNested` alone would look into a list for it, and take one that is empty. */
export const IsNested = (type: () => new () => object, { each = false } = {}): PropertyDecorator =>
  applyDecorators(Type(type), IsObject({ each }), ValidateNested({ each }));

/** A form field carries JSON as text; what does not parse is left as it is for the validator to refuse. */
const parseText = (value: unknown): unknown => {
  if (typeof value !== 'string') return value;
  try {
    // As in a JSON body, null is left out.
    return (JSON.parse(value) as unknown) ?? undefined;
  } catch {
    return value;
  }
};

/** A form field that carries JSON. */
export const JsonText = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => parseText(value));

/** A JSON object of bounded size and depth. */
export const isMetadata = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  isBoundedJson(value, 0) &&
  Buffer.byteLength(JSON.stringify(value)) <= MAX_METADATA_BYTES;

/** A JSON object of bounded size and depth; `asText` where it stands in a form. */
export const IsMetadata = ({ asText = false } = {}): PropertyDecorator =>
  applyDecorators(
    RawJson(asText ? parseText : undefined),
    ValidateBy({
      name: 'isMetadata',
      validator: {
        validate: isMetadata,
        defaultMessage: buildMessage(
          (each) =>
            `${each}$property must be a JSON object of at most ${MAX_METADATA_BYTES / 1024} KB and ${MAX_METADATA_DEPTH} levels, without the key __proto__`,
        ),
      },
    }),
  );

const toInteger = ({ value }: { value: unknown }): unknown =>
  typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;

/** A whole number in a query string. The type comes last: `applyDecorators` applies from the first to the last. */
export const IsQueryInteger = (min: number, max: number): PropertyDecorator =>
  applyDecorators(Max(max), Min(min), IsInt(), Transform(toInteger), IsOptional());

const toBoolean = ({ value }: { value: unknown }): unknown =>
  value === 'true' ? true : value === 'false' ? false : value;

/** `true` or `false` in a query string. */
export const IsQueryBoolean = (): PropertyDecorator =>
  applyDecorators(IsBoolean(), Transform(toBoolean), IsOptional());

/** The id of something of ours, in the lower case in which ids are kept and compared. */
export const IsId = ({ each = false } = {}): PropertyDecorator =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) =>
      Array.isArray(value) ? value.map(lowerCase) : lowerCase(value),
    ),
    IsUUID(undefined, { each }),
  );

const lowerCase = (value: unknown): unknown => (typeof value === 'string' ? value.toLowerCase() : value);

const INSTANT = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;

/** Whether it names a moment of a day that exists, from the year 1 on: the database has no year 0. */
export function isInstant(value: unknown): value is string {
  const day = typeof value === 'string' ? INSTANT.exec(value)?.[1] : undefined;
  if (day === undefined || day < '0001' || Number.isNaN(Date.parse(value as string))) return false;
  // The 30th of February would be taken for one of March.
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
}

/** A moment with its offset from UTC, such as `2026-11-25T09:30:00Z`. */
export const IsInstant = (): PropertyDecorator =>
  ValidateBy({
    name: 'isInstant',
    validator: {
      validate: isInstant,
      defaultMessage: buildMessage((each) => `${each}$property must be a time such as 2026-11-25T09:30:00Z`),
    },
  });
