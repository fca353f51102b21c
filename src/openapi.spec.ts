import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Names of all classes that the OpenAPI document may describe, as often as there are classes. */
function described(): string[] {
  const folder = import.meta.dirname;
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.dto.ts'))
    .flatMap((file) => [
      ...readFileSync(path.join(folder, file), 'utf8').matchAll(/^(?:export )?(?:abstract )?class (\w+)/gm),
    ])
    .map(([, name = '']) => name);
}

test('no two classes of bodies have one name: in the OpenAPI document one would stand for both', () => {
  const names = described();
  expect(names.length).toBeGreaterThan(100);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});
