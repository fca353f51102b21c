import { getSchemaPath, type OpenAPIObject } from '@nestjs/swagger';
import { ERROR_TABLE, type ErrorCode } from '../errors/error-table.js';
import { PROBLEM_MARK, ProblemDto } from './api-problems.js';
import { PROBLEM_TYPE } from './problem.js';

interface Schema {
  $ref?: string;
  properties?: Record<string, unknown>;
}

interface Operation extends Record<string, unknown> {
  parameters?: { name: string; in: string }[];
  requestBody?: { content: Record<string, { schema?: Schema }> };
  responses: Record<string, unknown>;
}

const CODES = Object.keys(ERROR_TABLE) as ErrorCode[];
const METHODS = ['get', 'put', 'post', 'patch', 'delete'] as const;

/** What every route with such a parameter or body may answer, whatever it does. */
function* implied(
  { parameters = [], requestBody }: Operation,
  document: OpenAPIObject,
): Generator<ErrorCode> {
  if (parameters.some((parameter) => parameter.in === 'path')) yield 'malformed_request';
  const inQuery = parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
  if (inQuery.length > 0) yield 'validation_failed';
  if (inQuery.includes('cursor')) yield 'invalid_cursor';
  if (inQuery.includes('filter')) yield 'invalid_filter';
  if (!requestBody) return;
  yield* ['validation_failed', 'malformed_request', 'unsupported_media_type'] as const;
  const json = requestBody.content['application/json'];
  if (!json) return;
  yield 'malformed_json';
  const name = json.schema?.$ref?.split('/').at(-1) ?? '';
  const schema = document.components?.schemas?.[name] as Schema | undefined;
  if (schema?.properties && 'filter' in schema.properties) yield 'invalid_filter';
}

/** Turns what `ApiProblems` marked, and what follows from parameters and bodies, into one response for each status. */
export function describeProblems(document: OpenAPIObject): OpenAPIObject {
  for (const item of Object.values(document.paths))
    for (const method of METHODS) {
      const operation = item[method] as unknown as Operation | undefined;
      if (!operation) continue;
      const named = new Set<ErrorCode>(implied(operation, document));
      const byStatus = new Map<number, ErrorCode[]>();
      for (const code of CODES) {
        const mark = PROBLEM_MARK + code;
        if (mark in operation) named.add(code);
        delete operation[mark];
        const { status } = ERROR_TABLE[code];
        if (named.has(code)) byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
      }
      for (const [status, codes] of byStatus)
        operation.responses[status] = {
          description: codes.map((code) => `\`${code}\`: ${ERROR_TABLE[code].title}`).join('; '),
          content: { [PROBLEM_TYPE]: { schema: { $ref: getSchemaPath(ProblemDto) } } },
        };
    }
  return document;
}
