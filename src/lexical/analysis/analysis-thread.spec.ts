import { randomUUID } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { buildSegment } from '../engine/segment/segment-builder.js';
import type { LexicalDocument } from '../lexical.types.js';
import { AnalysisThread } from './analysis-thread.js';
import { documentParts, wholeDocuments } from './document-parts.js';

const document = (passages: number, word = 'tide'): LexicalDocument => ({
  documentId: randomUUID(),
  versionId: randomUUID(),
  collectionId: randomUUID(),
  title: `The ${word} log`,
  fileName: null,
  chunks: Array.from({ length: passages }, (_, i) => ({
    chunkId: randomUUID(),
    text: `Entry ${i} of the ${word} log, written by keeper ${i % 7}.`,
    headingPath: [`Part ${i % 5}`],
  })),
});

describe('documents in parts', () => {
  const mixed = [document(3), document(0), document(10), document(4), document(1), document(0)];

  test.each([1, 2, 3, 4, 5, 7, 100])('of at most %i passages are whole again', (most) => {
    const parts = documentParts(mixed, most);
    for (const part of parts)
      expect(part.reduce((sum, { chunks }) => sum + chunks.length, 0)).toBeLessThanOrEqual(most);
    expect(wholeDocuments(parts)).toEqual(mixed);
  });

  test('are none where there is none', () => {
    expect(documentParts([], 3)).toEqual([]);
  });
});

describe('AnalysisThread', () => {
  let thread: AnalysisThread;
  beforeEach(() => {
    thread = new AnalysisThread();
  });
  afterEach(() => thread.close());

  const bytesOf = (segment: { bytes: ArrayBuffer } | undefined): Buffer =>
    Buffer.from(segment?.bytes ?? new ArrayBuffer(0));

  it('makes of long documents what they would be in one piece, side by side', async () => {
    const batches = [
      [document(2500), document(2)],
      [document(1, 'ebb')],
      [document(999), document(1), document(1300, 'flood')],
      [],
    ];
    const made = await Promise.all(batches.map((documents) => thread.segment(documents)));
    for (const [i, documents] of batches.entries())
      expect(bytesOf(made[i]).equals(bytesOf(buildSegment(documents)))).toBe(true);
  });

  it('begins again when the thread ends between two parts', async () => {
    const documents = [document(6000)];
    const making = thread.segment(documents);
    for (let i = 0; i < 20; i++) await turn();
    await thread['thread']['end']();
    expect(bytesOf(await making).equals(bytesOf(buildSegment(documents)))).toBe(true);
  });

  it('does not start again once it is closed', async () => {
    const refused = expect(thread.segment([document(6000)])).rejects.toThrow('closed');
    await thread.close();
    await refused;
    expect(thread['thread'].running).toBe(false);
  });

  it('makes nothing of parts that it does not have', async () => {
    const task = { kind: 'segment', documents: [document(1)], parts: { key: 1, before: 2 } } as const;
    expect(await thread['thread'].run(task)).toBe('incomplete');
  });
});
