import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { manifestText, readManifest } from './manifest.js';
import { ENCODER_MODELS } from './models.js';

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

  it('says everything about an encoder, and what is written is read again', async () => {
    const [model] = ENCODER_MODELS;
    write('all', manifestText(model!));
    const { name, hub, maven, onnx, tokenizer, generated, normalize, ...described } = model!;
    expect(await readManifest(dir, 'all')).toEqual(described);
    expect([name, hub, maven, onnx, tokenizer, generated, normalize]).not.toContain(undefined);
  });

  it.each([
    '{"pooling": "max"}',
    '{"query_prefix": 7}',
    `{"passage_prefix": "${'x'.repeat(501)}"}`,
    '{"max_tokens": 0}',
    '{"max_tokens": 256.5}',
    '{"dimensions": "384"}',
    '{"dimensions": 100000}',
    '{"languages": []}',
    '{"languages": ["english"]}',
    '{"score_scale": {"unrelated": 0.6, "matching": 0.1}}',
    '{"score_scale": 0.5}',
    '{"similarities": [{"a": "x", "b": "y"}]}',
    '{"similarities": {}}',
    '{"tolerance": 2}',
    '{"sha256": {"tokenizer.json": "abc"}}',
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
