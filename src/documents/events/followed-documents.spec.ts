import { FollowedDocuments } from './followed-documents.js';
import { ReadableCollections } from './readable-collections.js';
import { NOTHING_YET } from './document-events.types.js';

const change = (documentId: string, sequence: number, collectionId = 'c') => ({
  documentId,
  collectionId,
  position: { xid: '7', sequence: String(sequence) },
});

describe('what a reader has not been told', () => {
  it('is each document once, however often it changed', () => {
    const followed = new FollowedDocuments({}, NOTHING_YET);
    followed.onChanges([change('a', 1), change('b', 2), change('a', 3)], { xid: '7', sequence: '3' });
    expect([...followed.take(10).keys()]).toEqual(['a', 'b']);
    expect(followed.position).toEqual({ xid: '7', sequence: '3' });
  });

  it('is bounded: beyond that it is only known that there was more', () => {
    const followed = new FollowedDocuments({}, NOTHING_YET);
    for (let i = 0; i < 100_000; i++)
      followed.onChanges([change(`d${i}`, i)], { xid: '7', sequence: String(i) });
    expect(followed.pending.size).toBeLessThanOrEqual(10_000);
    expect(followed.overflowed).toBe(true);
  });

  it('is only what is in scope', () => {
    const one = new FollowedDocuments({ documentId: 'a' }, NOTHING_YET);
    const shelf = new FollowedDocuments({ collectionId: 'x' }, NOTHING_YET);
    for (const followed of [one, shelf])
      followed.onChanges([change('a', 1), change('b', 2, 'x')], { xid: '7', sequence: '2' });
    expect([...one.pending.keys()]).toEqual(['a']);
    expect([...shelf.pending.keys()]).toEqual(['b']);
  });

  it('wakes a reader that waits, also when it ends', async () => {
    const followed = new FollowedDocuments({}, NOTHING_YET);
    const first = followed.something();
    followed.onChanges([change('a', 1)], { xid: '7', sequence: '1' });
    await first;
    followed.take(1);
    const second = followed.something();
    followed.end('signed_out');
    await second;
    followed.end('shutdown');
    expect(followed.ended).toBe('signed_out');
  });

  it('is everything where other collections may be read, and once', async () => {
    const followed = new FollowedDocuments({}, NOTHING_YET);
    followed.readable = new ReadableCollections(['a', 'b']);
    const known = followed.readable.mark;
    followed.noteReadable(['b', 'a']);
    expect(followed.overflowed).toBe(false);
    const waiting = followed.something();
    followed.noteReadable(['b', 'c']);
    await waiting;
    // What is sent before the reader is told to start over says that it does not know yet.
    expect([followed.overflowed, followed.readable.mark]).toEqual([true, known]);
    followed.startOver();
    expect(followed.readable.mark).toBe(new ReadableCollections(['c', 'b']).mark);
    followed.noteReadable(['c', 'b']);
    expect(followed.overflowed).toBe(false);
  });
});
