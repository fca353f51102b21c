/** PostgreSQL stores no NUL, and a lone surrogate has no UTF-8 form: both would come back changed. */
export const isStorableText = (value: unknown): boolean =>
  typeof value === 'string' && !value.includes('\0') && value.isWellFormed();
