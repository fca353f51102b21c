import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { readManifest } from './manifest.js';

describe('the manifest beside a model', () => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'manifest-'));
  afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));
  const write = (name: string, text: string): void => {
    fs.mkdirSync(path.join(dir, name), { recursive: true });
    fs.writeFileSync(path.join(dir, name, 'encoder.json'), text);
  };

  it('may be missing, and may name a weight', async () => {
    expect(await readManifest(dir, 'nothing')).toEqual({});
    write('a', '{"lexical_weight": 0.35, "later": true}');
    expect(await readManifest(dir, 'a')).toEqual({ lexicalWeight: 0.35 });
    write('gemini-x', '{"lexical_weight": 0}');
    expect(await readManifest(dir, 'gemini:x')).toEqual({ lexicalWeight: 0 });
    write('b', '{}');
    expect(await readManifest(dir, 'b')).toEqual({});
  });

  it.each([
    '{',
    '[]',
    'null',
    '7',
    '{"lexical_weight": "0.4"}',
    '{"lexical_weight": 1.1}',
    '{"lexical_weight": null}',
  ])('is refused where it is wrong: %s', async (text) => {
    write('wrong', text);
    await expect(readManifest(dir, 'wrong')).rejects.toThrow(/encoder\.json/);
  });
});
