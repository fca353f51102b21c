import fs from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { toChunks } from './chunker.js';
import { TextThread } from './text-thread.js';

const closed = { code: 'service_unavailable', status: 503 };
const order = { maxTokens: 256, modelDir: undefined };
const thread = new TextThread();
afterAll(() => thread.close());

const model = path.resolve(process.env.SHARED_DIR ?? '../shared', 'models/all-MiniLM-L6-v2');
const hasModel = fs.existsSync(path.join(model, 'tokenizer.json'));
const withModel = hasModel || process.env.REQUIRE_SHARED === '1' ? it : it.skip;

describe('TextThread', () => {
  it('answers many requests at once, each with its own texts', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        thread.run(
          [
            { title: null, text: `Text ${i}.` },
            { title: 'T', text: `# H\r\n\r\nMore ${i}` },
          ],
          order,
        ),
      ),
    );
    answers.forEach(([first, second], i) => {
      expect(first).toMatchObject({ text: undefined, title: null });
      expect(toChunks(`Text ${i}.`, first!.spans)).toMatchObject([
        { text: `Text ${i}.`, searchText: `Text ${i}.` },
      ]);
      expect(second!.text).toBe(`# H\n\nMore ${i}`);
      expect(toChunks(second!.text!, second!.spans)).toMatchObject([
        { searchText: `T\nH\nMore ${i}`, headingPath: ['H'] },
      ]);
    });
  });

  it('fails only what broke it', async () => {
    // A limit of tokens that not even one character fits into is an error of these texts alone.
    const bad = thread.run([{ title: null, text: 'word' }], { maxTokens: 1, modelDir: undefined });
    const good = thread.run([{ title: null, text: 'fine' }], order);
    await expect(bad).rejects.toThrow('too small');
    expect(await good).toHaveLength(1);
  });

  it('survives the death of its thread and tells whose text it was', async () => {
    const small = new TextThread({ heapMb: 24 });
    try {
      const fatal = small.run([{ title: null, text: 'a b\n\n'.repeat(2_000_000) }], order);
      const others = ['one', 'two'].map((text) => small.run([{ title: null, text }], order));
      await expect(fatal).rejects.toThrow(/memory/i);
      expect((await Promise.all(others)).map(([result]) => result!.spans.length)).toEqual([1, 1]);
    } finally {
      await small.close();
    }
    await expect(small.run([{ title: null, text: 'late' }], order)).rejects.toMatchObject(closed);
  });

  it('says of what it had not done when it was closed that this is not due to the texts', async () => {
    const ending = new TextThread();
    const runs = [
      ending.run([{ title: null, text: 'one' }], order),
      ending.run([{ title: null, text: 'two' }], order),
    ];
    const refused = Promise.all(runs.map((run) => expect(run).rejects.toMatchObject(closed)));
    await ending.close();
    await refused;
  });

  withModel('counts with the tokenizer of the model, and with another one when it changes', async () => {
    const text = 'Photosynthesis in cyanobacteria. '.repeat(40);
    const [estimated] = await thread.run([{ title: null, text }], order);
    const [counted] = await thread.run([{ title: null, text }], { ...order, modelDir: model });
    const [missing] = await thread.run([{ title: null, text }], { ...order, modelDir: '/nowhere' });
    expect(counted!.spans[0]!.tokenCount).toBeGreaterThan(100);
    expect(counted!.spans[0]!.tokenCount).not.toBe(estimated!.spans[0]!.tokenCount);
    expect(missing!.spans).toEqual(estimated!.spans);
  });
});
