import { ValidateBy, buildMessage, type ValidationOptions } from 'class-validator';
import { isStorableText } from '../common/http/validators.js';

const MAX_FIELDS = 20;
const MAX_VALUE = 1000;

const isScalar = (value: unknown): boolean =>
  typeof value === 'boolean' ||
  (typeof value === 'number' && Number.isFinite(value)) ||
  (typeof value === 'string' && value.length <= MAX_VALUE && isStorableText(value));

/** `{"field": value}` with text, numbers or booleans. A `$` name is an operator, which this version does not know. */
export const isFilter = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  return (
    entries.length <= MAX_FIELDS &&
    entries.every(
      ([field, wanted]) =>
        isStorableText(field) && field !== '' && !field.startsWith('$') && isScalar(wanted),
    )
  );
};

export const IsFilter = (options?: ValidationOptions): PropertyDecorator =>
  ValidateBy(
    {
      name: 'isFilter',
      validator: {
        validate: isFilter,
        defaultMessage: buildMessage(
          () =>
            `$property must be an object of at most ${MAX_FIELDS} metadata fields with text, numbers or booleans`,
        ),
      },
    },
    options,
  );
