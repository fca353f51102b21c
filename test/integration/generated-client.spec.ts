import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
let folder: string;

/** Its own process: the generator brings its own loaders, which a test runner's modules cannot serve. */
function run(args: string[]): { status: number | null; output: string } {
  const done = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  return { status: done.status, output: done.stdout + done.stderr };
}

function compile(source: string) {
  fs.writeFileSync(path.join(folder, 'use.ts'), source);
  return run([
    path.join(root, 'node_modules/typescript/bin/tsc'),
    ...'--noEmit --strict --target es2023 --module esnext --moduleResolution bundler'.split(' '),
    ...'--lib es2023,dom,dom.iterable --types node --typeRoots'.split(' '),
    path.join(root, 'node_modules/@types'),
    'use.ts',
  ]);
}

beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'client-'));
  const generator = path.join(root, 'node_modules/@hey-api/openapi-ts/bin/run.js');
  const document = path.join(root, 'docs/openapi.json');
  const done = run([generator, '--silent', '--input', document, '--output', path.join(folder, 'client')]);
  expect(done).toEqual({ status: 0, output: '' });
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

test('a client generated from the interface compiles, and its types know every answer and error', () => {
  const right = compile(`
    import { authLogin, ragAsk, documentsGet } from './client/sdk.gen.js';
    export async function first(question: string): Promise<string | undefined> {
      const login = await authLogin({ body: { email: 'a@example.org', password: 'x' } });
      if (login.error) return login.error.code.toUpperCase();
      const answer = await ragAsk({ body: { question } });
      const document = await documentsGet({ path: { id: answer.data?.citations[0]?.document_id ?? '' } });
      return document.data?.status === 'ready' ? answer.data?.citations[0]?.quote : undefined;
    }`);
  expect(right).toEqual({ status: 0, output: '' });
});

test('what the interface does not offer does not compile', () => {
  const wrong = compile(`
    import { ragAsk } from './client/sdk.gen.js';
    export const nothing = ragAsk({ body: { question: 7 } });`);
  expect(wrong.status).not.toBe(0);
  expect(wrong.output).toMatch(/Type 'number' is not assignable to type 'string'/);
});

test('every object in the interface says what it holds', () => {
  const vague: string[] = [];
  const look = (node: unknown, place: string): void => {
    if (typeof node !== 'object' || node === null) return;
    const says = ['properties', 'additionalProperties', 'allOf', 'oneOf'];
    if ('type' in node && node.type === 'object' && !says.some((key) => key in node)) vague.push(place);
    for (const [key, value] of Object.entries(node)) look(value, `${place}/${key}`);
  };
  look(JSON.parse(fs.readFileSync(path.join(root, 'docs/openapi.json'), 'utf8')), '');
  expect(vague).toEqual([]);
});
