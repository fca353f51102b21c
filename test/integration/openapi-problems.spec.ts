import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';

interface Operation {
  parameters?: { name: string; in: string }[];
  requestBody?: { content: Record<string, unknown> };
  responses: Record<string, { description: string }>;
  'x-required-roles'?: string[];
}

const file = path.resolve(import.meta.dirname, '../../docs/openapi.json');
const document = JSON.parse(fs.readFileSync(file, 'utf8')) as {
  paths: Record<string, Record<string, Operation>>;
};
const operations = Object.entries(document.paths).flatMap(([at, item]) =>
  Object.entries(item).map(([method, operation]) => ({ name: `${method} ${at}`, operation })),
);
const codesOf = ({ responses }: Operation): string[] =>
  Object.values(responses).flatMap(({ description }) =>
    [...description.matchAll(/`([a-z_]+)`: /g)].map((match) => match[1]!),
  );
const lacking = (which: (operation: Operation) => boolean, ...codes: string[]): string[] =>
  operations
    .filter(({ operation }) => which(operation))
    .filter(({ operation }) => !codes.every((code) => codesOf(operation).includes(code)))
    .map(({ name }) => name);

describe('problems in the interface', () => {
  it('are those of its bodies, parameters and roles', () => {
    const has = (name: string) => (operation: Operation) =>
      operation.parameters?.some((parameter) => parameter.name === name) ?? false;
    const takesJson = ({ requestBody }: Operation): boolean =>
      'application/json' in (requestBody?.content ?? {});
    expect(lacking(takesJson, 'unsupported_media_type', 'malformed_json', 'malformed_request')).toEqual([]);
    expect(lacking(has('cursor'), 'invalid_cursor', 'validation_failed')).toEqual([]);
    expect(lacking(has('filter'), 'invalid_filter')).toEqual([]);
    expect(lacking(has('X-Admin-Access'), 'forbidden', 'validation_failed')).toEqual([]);
    const inPath = ({ parameters }: Operation) => parameters?.some((each) => each.in === 'path') ?? false;
    expect(operations.filter(({ operation }) => inPath(operation)).length).toBeGreaterThan(20);
    expect(lacking(inPath, 'malformed_request')).toEqual([]);
    expect(lacking((operation) => operation['x-required-roles'] !== undefined, 'forbidden')).toEqual([]);
  });

  it('are named by handler and class together, each once', () => {
    for (const { name, operation } of operations) {
      const codes = codesOf(operation);
      expect([name, codes]).toEqual([name, [...new Set(codes)]]);
    }
    const at = (route: string): string[] => codesOf(document.paths[route]!['post']!);
    expect(at('/rag/ask')).toEqual(
      expect.arrayContaining([
        'too_many_requests',
        'llm_budget_exhausted',
        'invalid_filter',
        'key_not_allowed',
      ]),
    );
    for (const route of ['/rag/ask', '/rag/rag_query', '/rag/langchain_query'])
      expect(at(route)).toEqual(expect.arrayContaining(['vector_store_unavailable', 'service_unavailable']));
    for (const route of ['/auth/reauthenticate', '/auth/email/change', '/auth/email/change/confirm'])
      expect(at(route)).toContain('origin_not_allowed');
  });

  it('leave no mark of how they were gathered', () => {
    expect(fs.readFileSync(file, 'utf8')).not.toContain('x-problem-');
  });

  it('allows null only beside a type, without which strict readers refuse it', () => {
    const untyped: string[] = [];
    const look = (node: unknown, place: string): void => {
      if (typeof node !== 'object' || node === null) return;
      if ('nullable' in node && node.nullable === true && !('type' in node)) untyped.push(place);
      for (const [key, value] of Object.entries(node)) look(value, `${place}/${key}`);
    };
    look(document, '');
    expect(untyped).toEqual([]);
  });
});
