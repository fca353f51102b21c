import type { TestApp } from '../support/app.js';

export interface Schema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  enum?: unknown[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  allOf?: Schema[];
  oneOf?: Schema[];
  anyOf?: Schema[];
  minLength?: number;
  minimum?: number;
  example?: unknown;
}

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  schema?: Schema;
}

export interface Route {
  /** Such as `GET /documents/{id}`. */
  name: string;
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  path: string;
  parameters: Parameter[];
  body: Schema | undefined;
  multipart: boolean;
  /** Statuses that the document declares. */
  statuses: string[];
  access: 'public' | 'optional' | 'lenient' | 'session' | undefined;
  roles: string[] | undefined;
  scope: string | undefined;
  /** Needs a recent sign-in. */
  recent: boolean;
}

interface Operation {
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, unknown>;
  'x-access'?: Route['access'];
  'x-required-roles'?: string[];
  'x-required-scope'?: string;
  'x-recent-sign-in'?: boolean;
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

/** The routes of the running application, as its own OpenAPI document tells them. */
export async function routesOf(app: TestApp): Promise<{ routes: Route[]; schemas: Record<string, Schema> }> {
  const { body } = await app.http().get('/openapi.json');
  const document = body as Document;
  const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Route => {
      const content = operation.requestBody?.content ?? {};
      return {
        name: `${method.toUpperCase()} ${path}`,
        method: method as Route['method'],
        path,
        parameters: operation.parameters ?? [],
        body: content['application/json']?.schema ?? content['multipart/form-data']?.schema,
        multipart: 'multipart/form-data' in content,
        statuses: Object.keys(operation.responses),
        access: operation['x-access'],
        roles: operation['x-required-roles'],
        scope: operation['x-required-scope'],
        recent: operation['x-recent-sign-in'] === true,
      };
    }),
  );
  return { routes, schemas: document.components.schemas };
}

/** Follows a reference. */
export function resolve(schema: Schema, schemas: Record<string, Schema>): Schema {
  if (schema.$ref) return resolve(schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {}, schemas);
  if (schema.allOf?.length === 1) return resolve(schema.allOf[0]!, schemas);
  return schema;
}

/** The path with its parameters filled in; encoded. */
export const fill = (path: string, value: (name: string) => string): string =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(value(name)));

export interface Answer {
  status: number;
  headers: Record<string, string>;
  /** Of an event stream, what came within a moment. */
  text: string;
  body: { code?: string; detail?: string } & Record<string, unknown>;
}

const STREAM_MS = 250;

/** One request as it is, without what a client library would add or follow. */
export async function ask(
  url: string,
  method: string,
  headers: Record<string, string>,
  body?: unknown,
): Promise<Answer> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(url, {
    method: method.toUpperCase(),
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    redirect: 'manual',
    signal: AbortSignal.timeout(60_000),
    ...sent,
  });
  const type = response.headers.get('content-type') ?? '';
  const text = type.startsWith('text/event-stream') ? await beginningOf(response) : await response.text();
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    text,
    body: type.includes('json') && !type.includes('ndjson') ? (JSON.parse(text) as Answer['body']) : {},
  };
}

async function beginningOf(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (!reader) return '';
  const decoder = new TextDecoder();
  let text = '';
  const timer = setTimeout(() => void reader.cancel(), STREAM_MS);
  for (;;) {
    const { done, value } = await reader.read();
    if (value) text += decoder.decode(value, { stream: true });
    if (done) break;
  }
  clearTimeout(timer);
  return text;
}
