import type { Request } from 'express';

/** What Express keeps of a route; its types leave it out. */
interface Layer {
  route?: { methods: Record<string, boolean> };
  match(path: string): boolean;
}

/** Names nothing: clients leave such a part out of the path before they send it. */
const DOTS = /^(?:\.|%2e){1,2}$/i;

/** The methods for which there is a route with the path of a request, such as `['GET', 'HEAD', 'POST']`. */
export function allowedMethods(request: Request): string[] {
  if (request.path.split('/').some((part) => DOTS.test(part))) return [];
  const { stack } = request.app.router as unknown as { stack: Layer[] };
  const methods = new Set<string>();
  for (const layer of stack)
    // Middleware stands among the routes, for every method there is.
    if (layer.route && !layer.route.methods['trace'] && layer.match(request.path))
      for (const method of Object.keys(layer.route.methods)) methods.add(method.toUpperCase());
  if (methods.has('GET')) methods.add('HEAD');
  return [...methods].sort();
}
