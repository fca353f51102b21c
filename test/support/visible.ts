import type { Response } from 'supertest';

/** What somebody at the other end can compare. */
export const visible = ({ status, body, headers }: Response): unknown => ({
  status,
  body: body as unknown,
  headers: Object.keys(headers)
    .filter((name) => !['date', 'ratelimit-remaining', 'ratelimit-reset'].includes(name))
    .sort((a, b) => a.localeCompare(b)),
  length: headers['content-length'],
});
