import type { FieldError } from '../errors/app-error.js';
import { isStorableText } from '../storable-text.js';
import type { Condition, Scalar } from './condition.js';

/** Levels of objects and lists inside each other. */
export const MAX_DEPTH = 10;
/** Conditions on fields in a whole filter. */
const MAX_CONDITIONS = 100;
/** Values in all lists of a filter together. */
export const MAX_VALUES = 256;
const MAX_FIELD = 256;
export const MAX_TEXT = 1000;
const MAX_ERRORS = 20;

const LOGICAL = ['$and', '$or', '$not'];
const ON_FIELDS = ['$eq', '$ne', '$in', '$nin', '$gt', '$gte', '$lt', '$lte', '$exists', '$not'];
const SIGNS = { $gt: '>', $gte: '>=', $lt: '<', $lte: '<=' } as const;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Thrown inside when there is no use in looking further. */
class Enough extends Error {}

/** One walk over one filter: counts what it holds and collects what is wrong, each with its place. */
class FilterParser {
  readonly errors: FieldError[] = [];
  private conditions = 0;
  private values = 0;

  /** `{"field": …, "$and": […]}`: all of its entries hold. */
  group(value: unknown, at: string, depth: number): Condition {
    if (!isObject(value)) return this.refuse(at, 'filter_shape', 'must be an object');
    this.deepen(at, depth);
    // What holds nothing would otherwise cost nothing.
    if (Object.keys(value).length === 0) this.count(at);
    return all(Object.entries(value).map(([key, inner]) => this.entry(key, inner, `${at}.${key}`, depth)));
  }

  private entry(key: string, value: unknown, at: string, depth: number): Condition {
    switch (key) {
      case '$and':
        return { kind: 'all', of: this.groups(value, at, depth) };
      case '$or':
        return { kind: 'any', of: this.groups(value, at, depth) };
      case '$not':
        return { kind: 'not', of: this.group(value, at, depth + 1) };
    }
    if (key.startsWith('$'))
      return this.refuse(at, 'filter_operator', `is no operator here; known are ${LOGICAL.join(', ')}`);
    if (key === '' || key.length > MAX_FIELD || key === '__proto__' || !isStorableText(key))
      return this.refuse(at, 'filter_field', `is no field name of 1 to ${MAX_FIELD} characters`);
    return this.field(key, value, at, depth);
  }

  private groups(value: unknown, at: string, depth: number): Condition[] {
    if (!Array.isArray(value) || value.length === 0)
      return [this.refuse(at, 'filter_shape', 'must be a list of at least one filter')];
    this.deepen(at, depth);
    return value.map((inner, i) => this.group(inner, `${at}.${i}`, depth + 1));
  }

  /** A value to be equal to, or an object of operators that all hold. */
  private field(field: string, value: unknown, at: string, depth: number): Condition {
    if (!isObject(value)) return this.equals(field, [this.scalar(value, at)], at);
    this.deepen(at, depth + 1);
    const entries = Object.entries(value);
    if (entries.length === 0) return this.refuse(at, 'filter_shape', 'must hold a value or an operator');
    return all(
      entries.map(([operator, operand]) =>
        this.operator(field, operator, operand, `${at}.${operator}`, depth + 1),
      ),
    );
  }

  private operator(field: string, operator: string, operand: unknown, at: string, depth: number): Condition {
    switch (operator) {
      case '$eq':
        return this.equals(field, [this.scalar(operand, at)], at);
      case '$ne':
        return { kind: 'not', of: this.equals(field, [this.scalar(operand, at)], at) };
      case '$in':
        return this.equals(field, this.list(operand, at), at);
      case '$nin':
        return { kind: 'not', of: this.equals(field, this.list(operand, at), at) };
      case '$gt':
      case '$gte':
      case '$lt':
      case '$lte':
        return this.compare(field, SIGNS[operator], operand, at);
      case '$exists':
        return this.exists(field, operand, at);
      case '$not':
        if (!isObject(operand)) return this.refuse(at, 'filter_shape', 'must be an object of operators');
        return { kind: 'not', of: this.field(field, operand, at, depth) };
    }
    const advice = operator.startsWith('$')
      ? `is no operator; known are ${ON_FIELDS.join(', ')}`
      : `is no operator; a field inside an object is named with dots, as in "${field}.${operator}"`;
    return this.refuse(at, 'filter_operator', advice);
  }

  private equals(field: string, values: Scalar[], at: string): Condition {
    this.count(at);
    return { kind: 'equals', field, values };
  }

  private compare(field: string, sign: '<' | '<=' | '>' | '>=', operand: unknown, at: string): Condition {
    this.count(at);
    if (typeof operand !== 'string' && typeof operand !== 'number')
      return this.refuse(at, 'filter_value', 'must be a number or a text: only these have an order');
    const value = this.scalar(operand, at);
    if (typeof value !== 'string' && typeof value !== 'number') return NOTHING;
    return { kind: 'compare', field, sign, value };
  }

  private exists(field: string, operand: unknown, at: string): Condition {
    this.count(at);
    if (typeof operand !== 'boolean') return this.refuse(at, 'filter_value', 'must be true or false');
    const exists: Condition = { kind: 'exists', field };
    return operand ? exists : { kind: 'not', of: exists };
  }

  private list(operand: unknown, at: string): Scalar[] {
    if (!Array.isArray(operand)) {
      this.refuse(at, 'filter_value', 'must be a list of values');
      return [];
    }
    this.values += operand.length;
    if (this.values > MAX_VALUES)
      this.giveUp(at, 'filter_too_wide', `has more than ${MAX_VALUES} values in its lists`);
    return operand.map((value, i) => this.scalar(value, `${at}.${i}`));
  }

  private scalar(value: unknown, at: string): Scalar {
    if (value === null || typeof value === 'boolean') return value;
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    if (typeof value === 'string' && value.length <= MAX_TEXT && isStorableText(value)) return value;
    this.refuse(
      at,
      'filter_value',
      typeof value === 'string'
        ? `must be text of at most ${MAX_TEXT} characters without NUL or lone surrogates`
        : 'must be a text, a finite number, true, false or null',
    );
    return null;
  }

  private count(at: string): void {
    if (++this.conditions > MAX_CONDITIONS)
      this.giveUp(at, 'filter_too_wide', `is one condition more than the ${MAX_CONDITIONS} of a filter`);
  }

  private deepen(at: string, depth: number): void {
    if (depth >= MAX_DEPTH) this.giveUp(at, 'filter_too_deep', `is nested deeper than ${MAX_DEPTH} levels`);
  }

  /** Notes what is wrong and goes on, so that one answer names all of it. */
  private refuse(at: string, code: string, detail: string): Condition {
    this.errors.push({ field: shown(at), code, detail });
    if (this.errors.length >= MAX_ERRORS) throw new Enough();
    return NOTHING;
  }

  private giveUp(at: string, code: string, detail: string): never {
    this.errors.push({ field: shown(at), code, detail });
    throw new Enough();
  }
}

const NOTHING: Condition = { kind: 'any', of: [] };
const all = (of: Condition[]): Condition => (of.length === 1 ? (of[0] ?? NOTHING) : { kind: 'all', of });
const shown = (at: string): string => at.slice(0, 200).toWellFormed().replaceAll('\0', '\uFFFD');

/** @param at the filter's own place in the request, in front of every position in `errors` */
export function parseFilter(value: unknown, at: string): { condition: Condition; errors: FieldError[] } {
  const parser = new FilterParser();
  try {
    return { condition: parser.group(value, at, 0), errors: parser.errors };
  } catch (error) {
    if (error instanceof Enough) return { condition: NOTHING, errors: parser.errors };
    throw error;
  }
}
