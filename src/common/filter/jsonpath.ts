import type { Condition, Scalar } from './condition.js';

/**
 * A condition as an SQL/JSON path for PostgreSQL's `metadata @@ path`: compares types strictly, texts by code
 * point, looks into lists, and an equality in it can use a `jsonb_path_ops` index.
 *
 * A path predicate knows three values: comparing a text with a number is neither true nor false. So nothing
 * but single comparisons is ever negated, and a negated one says what becomes of `unknown`.
 */
export function toJsonPath(condition: Condition, negated = false): string {
  switch (condition.kind) {
    case 'not':
      return toJsonPath(condition.of, !negated);
    case 'all':
    case 'any': {
      const parts = condition.of.map((inner) => toJsonPath(inner, negated));
      return join(parts, (condition.kind === 'all') === negated ? '||' : '&&');
    }
    case 'exists':
      return join(
        pathsOf(condition.field).map((path) => (negated ? `!exists(${path})` : `exists(${path})`)),
        negated ? '&&' : '||',
      );
    case 'equals':
      return leaves(condition.field, condition.values, '==', negated);
    default:
      return leaves(condition.field, [condition.value], condition.sign, negated);
  }
}

function leaves(field: string, values: readonly Scalar[], sign: string, negated: boolean): string {
  const parts = pathsOf(field).flatMap((path) =>
    values.map((value) => {
      const holds = `${path} ${sign} ${literal(value)}`;
      return negated ? `(!(${holds}) || (${holds}) is unknown)` : holds;
    }),
  );
  return join(parts, negated ? '&&' : '||');
}

/** As a balanced tree: the server walks it recursively. An empty "and" is true, an empty "or" false. */
function join(parts: readonly string[], operator: '&&' | '||'): string {
  if (parts.length === 0) return operator === '&&' ? '(1 == 1)' : '(1 == 0)';
  if (parts.length === 1) return parts[0] ?? '';
  const middle = parts.length >> 1;
  return `(${join(parts.slice(0, middle), operator)} ${operator} ${join(parts.slice(middle), operator)})`;
}

/** The key of this very name, and for a name with dots also the way through objects. */
function pathsOf(field: string): string[] {
  const keys = field.split('.');
  const paths = [`$.${literal(field)}`];
  if (keys.length > 1 && keys.every((key) => key !== ''))
    paths.push(`$${keys.map((key) => `.${literal(key)}`).join('')}`);
  return paths;
}

/** Texts of JSON are texts of the path language, escapes included. */
const literal = (value: Scalar): string => JSON.stringify(value);
