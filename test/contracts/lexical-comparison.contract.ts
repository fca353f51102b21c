import type { DataSource } from 'typeorm';
import type { LexicalIndex } from '../../src/lexical/lexical-index.port.js';
import type { LexicalDocument } from '../../src/lexical/lexical.types.js';
import { Library } from './lexical.database.js';

export interface ComparedIndexUnderTest {
  dataSource: DataSource;
  /** A new instance on the same database. */
  create(): LexicalIndex;
  /** Damages what is stored: nothing is left of any entry. */
  lose(): Promise<unknown>;
}

const NO_DIFFERENCE = { missing: [], orphans: [] };

/** How every adapter of the word index compares what is stored with what is shown. */
export function describeLexicalComparison(context: () => ComparedIndexUnderTest): void {
  let index: LexicalIndex;
  let library: Library;
  let shelf: string;

  beforeEach(async () => {
    library = await Library.open(context().dataSource);
    shelf = await library.addCollection();
    index = context().create();
    await index.createIndex();
    // What it begins by itself is over then: it would mend what is damaged here.
    await compare(false);
  });
  afterEach(() => index.close());

  const compare = (mend: boolean) => index.compare(mend, AbortSignal.timeout(60_000));
  const draft = (...passages: string[]) => library.draft(shelf, null, passages);
  const versions = (...documents: LexicalDocument[]) => documents.map(({ versionId }) => versionId).sort();

  /** What is stored finds, whatever `index` has in memory. It is told to complete nothing. */
  const storedFinds = async (text: string): Promise<string[]> => {
    const other = context().create();
    try {
      const hits = await other.query(text, { topK: 100, level: 'document', collectionIds: [shelf] });
      return hits.map(({ versionId }) => versionId).sort();
    } finally {
      await other.close();
    }
  };

  test('finds no difference in what was published, replaced and deleted', async () => {
    expect(await compare(false)).toEqual(NO_DIFFERENCE);
    const [kept, gone, first] = [draft('Copper ore.', 'Tin ore.'), draft('Copper plate.'), draft('…', '')];
    await library.publish(index, kept, gone, first, draft());
    const second = library.draft(shelf, null, ['Copper wire.'], first);
    await library.publish(index, second);
    await library.remove(gone);
    for (const mend of [false, true, false]) expect(await compare(mend)).toEqual(NO_DIFFERENCE);
    expect(await storedFinds('copper')).toEqual(versions(kept, second));
  });

  test('reports what is lost, and makes it again when it is told to', async () => {
    const lost = [draft('Copper ore.', 'Tin ore.'), draft('Copper plate.')];
    await library.publish(index, ...lost);
    await context().lose();
    const kept = draft('Copper wire.');
    await library.publish(index, kept);
    for (const mend of [false, false, true]) {
      expect(await storedFinds('copper')).toEqual(versions(kept));
      const { missing, orphans } = await compare(mend);
      expect([missing.toSorted(), orphans]).toEqual([versions(...lost), []]);
    }
    expect(await storedFinds('copper')).toEqual(versions(kept, ...lost));
    expect(await storedFinds('tin')).toEqual(versions(lost[0]!));
    expect(await compare(false)).toEqual(NO_DIFFERENCE);
    expect(await index.count()).toBe(4);
  });

  test('reports what nobody can see and was not told of, and removes it when it is told to', async () => {
    const [kept, gone] = [draft('Copper ore.'), draft('Copper plate.', 'Tin plate.')];
    await library.publish(index, kept, gone);
    await context().dataSource.query('update documents set deleted_at = now() where id = $1', [
      gone.documentId,
    ]);
    for (const mend of [false, false, true])
      expect(await compare(mend)).toEqual({ missing: [], orphans: versions(gone) });
    expect(await compare(false)).toEqual(NO_DIFFERENCE);
    expect(await index.count()).toBe(1);
    expect(await storedFinds('copper')).toEqual(versions(kept));
    expect(await storedFinds('tin')).toEqual([]);
  });

  test('takes nothing that changes meanwhile for a difference', async () => {
    let current = Array.from({ length: 6 }, (_, i) => draft(`Copper ore ${i}.`));
    await library.publish(index, ...current);
    let writing = true;
    const writer = (async () => {
      for (let round = 0; round < 25; round++) {
        const [oldest, ...others] = current;
        const replacement = library.draft(shelf, null, [`Copper again ${round}.`, 'Tin.'], oldest);
        const fresh = draft(`Copper of round ${round}.`);
        await library.publish(index, replacement);
        await library.publish(index, fresh);
        await library.remove(others[0]!);
        current = [...others.slice(1), replacement, fresh];
      }
    })().finally(() => (writing = false));
    for (let round = 0; writing || round < 3; round++)
      expect(await compare(round % 2 === 1)).toEqual(NO_DIFFERENCE);
    await writer;
    expect(await storedFinds('copper')).toEqual(versions(...current));
  });
}
