export type Scalar = string | number | boolean | null;

/** A filter as a tree. Equality with a list is equality with any of it; an empty list equals nothing. */
export type Condition =
  | { kind: 'all' | 'any'; of: Condition[] }
  | { kind: 'not'; of: Condition }
  | { kind: 'equals'; field: string; values: Scalar[] }
  | { kind: 'compare'; field: string; sign: '<' | '<=' | '>' | '>='; value: string | number }
  | { kind: 'exists'; field: string };
