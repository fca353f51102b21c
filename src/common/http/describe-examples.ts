import type { OpenAPIObject } from '@nestjs/swagger';

interface Schema {
  $ref?: string;
  allOf?: Schema[];
  example?: unknown;
  default?: unknown;
  enum?: unknown[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
}

/**
 * Gives every body but forms an example that can be sent as it is: what has to be there, and what has an example of its own.
 * What would be made of the schema alone has all properties, also those that exclude each other.
 */
export function describeExamples(document: OpenAPIObject): OpenAPIObject {
  const resolved = ({ $ref, allOf, ...schema }: Schema): Schema => {
    const name = ($ref ?? allOf?.[0]?.$ref)?.split('/').at(-1);
    return name ? { ...document.components?.schemas?.[name], ...schema } : schema;
  };
  const exampleOf = (given: Schema): unknown => {
    const schema = resolved(given);
    if (schema.example !== undefined) return schema.example;
    if (schema.properties) {
      const shown = Object.entries(schema.properties).filter(
        ([name, property]) => schema.required?.includes(name) || resolved(property).example !== undefined,
      );
      return Object.fromEntries(shown.map(([name, property]) => [name, exampleOf(property)]));
    }
    if (schema.items) return [exampleOf(schema.items)];
    return schema.default ?? schema.enum?.[0];
  };
  for (const item of Object.values(document.paths))
    for (const operation of [item.post, item.put, item.patch]) {
      if (!operation?.requestBody || !('content' in operation.requestBody)) continue;
      for (const [type, body] of Object.entries(operation.requestBody.content))
        if (body.schema && type !== 'multipart/form-data') body.example ??= exampleOf(body.schema);
    }
  return document;
}
