import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { MetadataFilter } from '../../src/common/filter/metadata-filter.js';
import type { LexicalIndex } from '../../src/lexical/lexical-index.port.js';
import type { LexicalDocument, LexicalHit } from '../../src/lexical/lexical.types.js';
import { Library } from './lexical.database.js';

export interface LexicalIndexUnderTest {
  dataSource: DataSource;
  /** A new instance, as another process would have, on the same database. */
  create(): LexicalIndex;
}

/** What every adapter of the word index has to do. */
export function describeLexicalIndex(context: () => LexicalIndexUnderTest): void {
  let index: LexicalIndex;
  let library: Library;
  let shelf: string;

  beforeEach(async () => {
    library = await Library.open(context().dataSource);
    shelf = await library.addCollection();
    index = context().create();
    await index.createIndex();
  });
  afterEach(() => index.close());

  const find = (text: string, more: Partial<Parameters<LexicalIndex['query']>[1]> = {}) =>
    index.query(text, { topK: 10, level: 'document', collectionIds: [shelf], ...more });
  const documents = (hits: readonly LexicalHit[]) => hits.map((hit) => hit.documentId);
  const draft = (title: string | null, ...passages: string[]) => library.draft(shelf, title, passages);

  test('ranks by rare words, by how often they occur, and by length', async () => {
    const once = draft(
      null,
      'The harbour pilot boards the vessel before the lighthouse comes in sight of land.',
    );
    const often = draft(null, 'Lighthouse keepers: a lighthouse, another lighthouse.');
    const never = draft(null, 'The harbour pilot boards the vessel in the evening.');
    await library.publish(index, once, often, never);
    expect(documents(await find('lighthouse'))).toEqual([often.documentId, once.documentId]);
    expect(documents(await find('the harbour pilot at the lighthouse')).at(0)).toBe(once.documentId);
    for (const hit of await find('harbour lighthouse')) expect(hit.score).toBeGreaterThan(0);
  });

  test('a filter on metadata picks inside the query, however few or many it leaves', async () => {
    // The more often the word occurs the better: the documents rank from the last to the first.
    const drafts = Array.from({ length: 60 }, (_, n) =>
      draft(null, `lighthouse ${'harbour '.repeat(n + 1)}`),
    );
    await library.publish(index, ...drafts);
    await context().dataSource.query(
      `update documents d set metadata = jsonb_build_object('n', x.n) from unnest($1::uuid[]) with ordinality x (id, n)
       where d.id = x.id`,
      [drafts.map(({ documentId }) => documentId)],
    );
    const ranked = documents(await find('harbour', { topK: 60 }));
    const number = new Map(drafts.map(({ documentId }, n) => [documentId, n + 1]));
    const filters: [unknown, (n: number) => boolean][] = [
      [{ n: { $lte: 2 } }, (n) => n <= 2],
      [{ $or: [{ n: 5 }, { n: { $gte: 50 } }] }, (n) => n === 5 || n >= 50],
      [{ n: { $ne: 3 } }, (n) => n !== 3],
      [{ n: { $exists: false } }, () => false],
    ];
    for (const [json, wanted] of filters)
      for (const level of ['document', 'chunk'] as const) {
        const hits = await find('harbour', { topK: 4, level, filter: MetadataFilter.parse(json) });
        expect(documents(hits)).toEqual(ranked.filter((id) => wanted(number.get(id) ?? 0)).slice(0, 4));
      }
    const only = drafts.slice(0, 10).map(({ documentId }) => documentId);
    const filter = MetadataFilter.parse({ n: { $gte: 8 } });
    expect(documents(await find('harbour', { documentIds: only, filter }))).toEqual(
      ranked.filter((id) => only.includes(id)).slice(0, 3),
    );
  });

  test('a document that holds some words of a question is found', async () => {
    const document = draft('Tides', 'Spring tides follow the new moon.');
    await library.publish(index, document, draft(null, 'Bread rises overnight.'));
    const hits = await find('why do unusually strong tides occur around the equinox?');
    expect(documents(hits)).toEqual([document.documentId]);
    expect(hits[0]!.versionId).toBe(document.versionId);
  });

  test('word forms, letter case, accents and compatibility forms meet', async () => {
    const document = draft(null, 'Several CAFÉS were renovating their ﬁne façades.');
    await library.publish(index, document);
    for (const text of ['cafe', 'Cafés', 'renovated', 'fine', 'facade', 'ＣＡＦＥ'])
      expect([text, documents(await find(text))]).toEqual([text, [document.documentId]]);
  });

  test('initials and names in capitals are words', async () => {
    const named = draft(null, 'Spending on R&D in the U.S. is for the IT of AT&T to decide.');
    await library.publish(index, named, draft(null, 'It is for us to decide who spends at D or T.'));
    for (const text of ['R&D', 'AT&T', 'IT', 'US', '"for the IT of AT&T"'])
      expect([text, documents(await find(text))[0]]).toEqual([text, named.documentId]);
    expect(await find('WHO')).toEqual([]);
    // Capitals say nothing where there is nothing else.
    expect(documents(await find('IT IS FOR US TO DECIDE'))).toHaveLength(2);
  });

  test('the words of a title and of headings count', async () => {
    const titled = library.draft(shelf, 'Annual report 2022', ['Revenue grew.', 'Costs fell.']);
    const headed = library.draft(shelf, 'Handbook', [
      { text: 'Press the button twice.', headingPath: ['Maintenance', 'Calibration'] },
      'Store it in a dry place.',
    ]);
    await library.publish(index, titled, headed);
    expect(documents(await find('annual report'))).toEqual([titled.documentId]);
    const [hit] = await find('calibration');
    expect(hit?.documentId).toBe(headed.documentId);
    expect(hit?.chunkIds).toEqual([headed.chunks[0]!.chunkId]);
    const passages = await find('calibration', { level: 'chunk' });
    expect(passages.map((passage) => passage.chunkIds)).toEqual([[headed.chunks[0]!.chunkId]]);
  });

  test('a document names its best passage', async () => {
    const document = draft(
      'Geology',
      'Granite, and much else that has nothing to do with the rock in question here.',
      'Sandstone only.',
      'Granite granite granite granite.',
      'Granite and granite.',
      'Of granite there is little to say in a long passage that talks of limestone and of marble instead.',
      'Granite quarries close early and open late in most of the northern counties, say the owners of granite.',
    );
    await library.publish(index, document);
    const [hit] = await find('granite');
    const texts = hit!.chunkIds.map((id) => document.chunks.findIndex((chunk) => chunk.chunkId === id));
    expect(texts).toEqual([2]);
  });

  test('passages are ranked among themselves, ties by id, cut at topK', async () => {
    const same = draft(null, ...Array.from({ length: 9 }, () => 'Equal words everywhere.'));
    const other = draft(null, 'Equal.', 'Nothing of the kind.');
    await library.publish(index, same, other);
    const hits = await find('equal', { level: 'chunk', topK: 6 });
    const ids = same.chunks.map((chunk) => chunk.chunkId).sort();
    expect(hits.map((hit) => hit.chunkIds)).toEqual([
      [other.chunks[0]!.chunkId],
      ...ids.slice(0, 5).map((id) => [id]),
    ]);
    expect(await find('equal', { topK: 0 })).toEqual([]);
  });

  test('only documents in scope are hits, and those exactly', async () => {
    const [red, blue] = [await library.addCollection(), await library.addCollection()];
    const all: LexicalDocument[] = [];
    for (let i = 0; i < 60; i++) {
      const collection = [shelf, red, blue][i % 3]!;
      all.push(library.draft(collection, null, [`comet ${'comet '.repeat(i % 7)} number ${i}`]));
    }
    await library.publish(index, ...all);
    const of = (...collections: string[]) =>
      all.filter((document) => collections.includes(document.collectionId)).map((d) => d.documentId);
    for (const collections of [[red], [red, blue], [shelf, red, blue]]) {
      const hits = await find('comet', { collectionIds: collections, topK: 100 });
      expect(new Set(documents(hits))).toEqual(new Set(of(...collections)));
    }
    const three = [of(red)[3]!, of(blue)[4]!, of(red)[5]!];
    const hits = await find('comet', { collectionIds: [red], documentIds: three });
    expect(new Set(documents(hits))).toEqual(new Set([three[0], three[2]]));
    expect(await find('comet', { collectionIds: [] })).toEqual([]);
    expect(await find('comet', { documentIds: [] })).toEqual([]);
    expect(await find('comet', { collectionIds: [randomUUID(), 'no id'], documentIds: ['x'] })).toEqual([]);
  });

  test('a tiny scope in a large crowd still fills the top-k', async () => {
    const narrow = await library.addCollection();
    const crowd = Array.from({ length: 400 }, () => draft(null, 'signal signal signal'));
    const few = Array.from({ length: 3 }, (_, i) =>
      library.draft(narrow, null, [`weak signal ${'in much noise '.repeat(20 + i)}`]),
    );
    await library.publish(index, ...crowd.slice(0, 200), ...few, ...crowd.slice(200));
    const hits = await find('signal', { collectionIds: [narrow], topK: 5 });
    expect(documents(hits)).toEqual(few.map((document) => document.documentId));
  });

  test('replaced and deleted versions are gone at once', async () => {
    const first = draft('Menu', 'Today we serve lentil soup.');
    const gone = draft(null, 'Lentil and onion.');
    await library.publish(index, first, gone);
    expect(await find('lentil')).toHaveLength(2);
    const second = library.draft(shelf, 'Menu', ['Today we serve pumpkin soup.'], first);
    await library.publish(index, second);
    expect(documents(await find('lentil'))).toEqual([gone.documentId]);
    expect((await find('pumpkin')).map((hit) => hit.versionId)).toEqual([second.versionId]);
    await library.remove(gone);
    expect(await find('lentil')).toEqual([]);
    expect(await index.count()).toBe(1);
  });

  test('scores given documents and passages as a query does', async () => {
    const all = Array.from({ length: 12 }, (_, i) =>
      draft(i % 2 ? 'Orbit' : null, `planet ${'orbit '.repeat(i % 5)} moon`, `the moon ${i}`),
    );
    await library.publish(index, ...all);
    for (const level of ['document', 'chunk'] as const) {
      const hits = await find('orbit of the moon', { level, topK: 100 });
      const ids = hits.map((hit) => (level === 'chunk' ? hit.chunkIds[0]! : hit.documentId));
      const scores = await index.scores('orbit of the moon', [randomUUID(), ...ids, 'no id'], { level });
      expect(scores).toHaveLength(ids.length + 2);
      expect(scores[0]).toBe(0);
      expect(scores.at(-1)).toBe(0);
      hits.forEach((hit, i) => expect(scores[i + 1]).toBeCloseTo(hit.score, 4));
    }
    expect(await index.scores('zeppelin', [all[0]!.documentId], { level: 'document' })).toEqual(
      new Float64Array(1),
    );
  });

  test.each([
    ['Chinese', '北京大学的图书馆收藏了许多珍贵的古籍。', '图书馆', '博物馆'],
    ['Japanese', '東京の図書館は毎日開いています。', '図書館', '美術館'],
    ['Hindi', 'दिल्ली विश्वविद्यालय का पुस्तकालय बहुत बड़ा है।', 'पुस्तकालय', 'विद्यालय'],
    ['Arabic', 'المكتبة الوطنية تضم آلاف الكتب', 'المكتبة', 'المدرسة'],
    ['Thai', 'ห้องสมุดมหาวิทยาลัยเปิดทุกวัน', 'ห้องสมุด', 'โรงเรียน'],
    ['an identifier', 'Die AMD-2022Q2 filing covers the quarter.', 'AMD-2022Q2', 'AMD-2023Q1x'],
    ['C++', 'Templates in C++ are compiled.', 'C++', 'Rust'],
    ['a path', 'See src/main_file.ts for details.', 'main_file', 'other_path'],
  ])('%s words are found', async (_, text, present, absent) => {
    const document = draft(null, text);
    await library.publish(index, document, draft(null, 'Something else altogether, amid an AMD graph.'));
    const best = await find(present);
    expect(best[0]?.documentId).toBe(document.documentId);
    const [wanted = 0, unwanted = 0] = [
      (await index.scores(present, [document.documentId], { level: 'document' }))[0],
      (await index.scores(absent, [document.documentId], { level: 'document' }))[0],
    ];
    expect(wanted).toBeGreaterThan(unwanted);
  });

  test('C++ ranks the whole name above its part', async () => {
    const cpp = draft(null, 'A course on C++ for beginners.');
    const vitamin = draft(null, 'A course on C and D vitamins.');
    await library.publish(index, vitamin, cpp);
    expect(documents(await find('c++'))).toEqual([cpp.documentId, vitamin.documentId]);
  });

  test('a single letter is asked for beside its neighbour', async () => {
    const other = draft(null, 'Of vitamin C nothing is stored; vitamin C comes from fruit.');
    const asked = draft(null, 'Of vitamin D much is stored in the liver, and it comes from the sun.');
    await library.publish(index, other, asked);
    expect(documents(await find('vitamin d'))).toEqual([asked.documentId, other.documentId]);
  });

  test('a language chooses the stemmer', async () => {
    const document = library.draft(shelf, null, ['Die Häuser der Nachbarn.'], { language: 'de' });
    await library.publish(index, document);
    expect(documents(await find('Haus Nachbar', { language: 'de' }))).toEqual([document.documentId]);
  });

  test('what stands side by side counts more than what stands apart', async () => {
    const apart = draft(null, 'The harbour lies far away from where every pilot lives today.');
    const beside = draft(null, 'Every pilot of the harbour lives far away from where it lies.');
    await library.publish(index, apart, beside);
    for (const level of ['document', 'chunk'] as const) {
      const hits = await find('harbour pilots', { level });
      expect(documents(hits)).toEqual([beside.documentId, apart.documentId]);
      const ids = hits.map((hit) => (level === 'document' ? hit.documentId : hit.chunkIds[0]!));
      const scores = await index.scores('harbour pilots', ids, { level });
      hits.forEach((hit, i) => expect(scores[i]).toBeCloseTo(hit.score, 5));
    }
  });

  test.each([
    ['"harbour pilot"', 'a quoted phrase'],
    ['«pilots of the harbour»', 'a phrase whose words stand the other way round'],
    ['how is INV-20417 paid by pilots of harbours', 'an identifier'],
    ['what did Dvořák pay for ISO 27001', 'an identifier of two words'],
    ['ORA-00942: pilot paid harbour', 'an error code'],
    ['"Dvorak"', 'a name with diacritics'],
    ['iso 27001 pilot paid harbour', 'an identifier without capitals'],
    ['who paid the harbour pilot 4711829?', 'a bare number'],
    ['why ERR_CONNECTION_REFUSED, paid pilot', 'a name of words'],
  ])('%s: what holds %s comes first, and says so', async (query) => {
    const many = 'pilot pilot paid harbour harbour paid ORA ISO error '.repeat(3);
    const crowd = Array.from({ length: 30 }, () => draft('Pilot', many));
    const weak = `A long and weak passage ${'about other things '.repeat(40)}`;
    const wanted = draft(
      null,
      `${weak} with INV-20417, ISO 27001, ORA-00942, one harbour pilot and Dvořák, 4711829 and ERR_CONNECTION_REFUSED.`,
    );
    await library.publish(index, ...crowd, wanted);
    for (const level of ['document', 'chunk'] as const) {
      const hits = await find(query, { topK: 5, level });
      // A long number counts beside what it is a part of.
      const exact = query.startsWith('iso') ? 2 : 1;
      expect(hits[0]).toMatchObject({ documentId: wanted.documentId, exact });
      expect(hits[1]?.exact).toBeUndefined();
    }
  });

  test('an amount is found however its digits are grouped', async () => {
    const invoice = (amount: string) => draft(null, `The invoice came to ${amount} in all.`);
    const [rupees, francs, beside] = [invoice('₹4,56,789'), invoice('31’445.20'), invoice("32'445.20")];
    await library.publish(index, beside, rupees, francs);
    for (const [query, wanted] of [
      ['456789', rupees],
      ['4,56,789', rupees],
      ['456,789', rupees],
      ['31445.20', francs],
      ["31'445.20", francs],
      ['31,445.20', francs],
    ] as const)
      expect([query, documents(await find(query))[0]]).toEqual([query, wanted.documentId]);
  });

  test('a query finds in every language that the index holds, without naming one', async () => {
    const texts: [string, string, string][] = [
      ['de', 'Die Häuser der Nachbarn wurden verkauft.', 'Wer verkaufte das Haus?'],
      ['fr', 'Les chevaux galopaient dans les prairies.', 'Où galope le cheval dans la prairie ?'],
      ['ru', 'Новые корабли строились на верфях.', 'Какой корабль строится на верфи?'],
      ['en', 'The houses were sold by their neighbours.', 'who sold the house'],
      ['zh', '北京大学图书馆的历史', '图书馆在哪里'],
      ['hi', 'भारत की राजधानी दिल्ली है।', 'राजधानी क्या है'],
      ['sw', 'Samaki wanaogelea baharini.', 'samaki baharini'],
    ];
    const drafts = texts.map(([language, text]) => library.draft(shelf, null, [text], { language }));
    await library.publish(index, ...drafts);
    for (const [i, [, , query]] of texts.entries())
      expect([query, documents(await find(query)).at(0)]).toEqual([query, drafts[i]!.documentId]);
  });

  test('a text in a rare language is not what every question in another one finds', async () => {
    const crowd = Array.from({ length: 20 }, (_, i) =>
      draft(null, `The tower of the town number ${i} was built late.`),
    );
    const wanted = draft(null, 'The bridge over the river was built by monks.');
    // As a list of names is taken for another language: its "of the" are terms there, and rare ones.
    const names = 'Juan of the north, José of the south, what was of the west, who was of the river.';
    await library.publish(index, ...crowd, wanted, library.draft(shelf, null, [names], { language: 'es' }));
    for (const query of ['who built the bridge of the town', 'bridge of monks'])
      expect([query, documents(await find(query))[0]]).toEqual([query, wanted.documentId]);
  });

  describe('names of files', () => {
    const PAGES = [
      'Revenue for the quarter rose on higher demand. Cost of sales and gross margin moved with revenue.',
      'Cash flow from operations, liquidity, and capital resources of the company.',
    ];
    const filings = (names: readonly string[], title: string | null = null) =>
      names.map((fileName) => library.draft(shelf, title, PAGES, { fileName }));

    /** The names of the files that hits are of, in order. */
    const namesOf = (drafts: readonly LexicalDocument[], hits: readonly LexicalHit[]) => {
      const names = new Map(drafts.map(({ documentId, fileName }) => [documentId, fileName]));
      return hits.map((hit) => names.get(hit.documentId));
    };

    test('what is found by its name alone has the same score in a query and by itself', async () => {
      const drafts = filings(['orbit_of_the_moon.pdf', 'orbit_of_mars.pdf', 'harbour.pdf']);
      await library.publish(index, ...drafts, draft('The moon', 'The orbit of the moon is an ellipse.'));
      for (const level of ['document', 'chunk'] as const) {
        const hits = await find('orbit of the moon', { level, topK: 100 });
        expect(namesOf(drafts, hits)).toEqual(
          expect.arrayContaining(['orbit_of_the_moon.pdf', 'orbit_of_mars.pdf']),
        );
        const ids = hits.map((hit) => (level === 'chunk' ? hit.chunkIds[0]! : hit.documentId));
        const scores = await index.scores('orbit of the moon', ids, { level });
        hits.forEach((hit, i) => expect(scores[i]).toBeCloseTo(hit.score, 4));
      }
    });

    test.each([
      ["What was AMD's revenue in the second quarter of 2022?", 'AMD_2022Q2_10Q.pdf'],
      ['AMD 2022 Q2 10-Q revenue', 'AMD_2022Q2_10Q.pdf'],
      ['revenue amd 2q22', 'AMD_2022Q2_10Q.pdf'],
      ['what is the FY2022 revenue of American Express?', 'AMERICANEXPRESS_2022_10K.pdf'],
      ['Revenue of Best Buy in FY21', 'BestBuy-Annual2021.docx'],
      ['INTC revenue of the 3rd fiscal quarter, 2021', 'INTC_2021Q3_10Q.pdf'],
      ['AMD_2021Q2_10Q.pdf', 'AMD_2021Q2_10Q.pdf'],
    ])('"%s" prefers the passages of %s', async (query, wanted) => {
      const names = ['AMD', 'INTC', 'NVDA'].flatMap((company) =>
        [2020, 2021, 2022].flatMap((year) =>
          [1, 2, 3].map((quarter) => `${company}_${year}Q${quarter}_10Q.pdf`),
        ),
      );
      const others = [
        'AMERICANEXPRESS_2022_10K.pdf',
        'AMERICANWATER_2022_10K.pdf',
        'BestBuy-Annual2021.docx',
      ];
      const drafts = filings([...names, ...others], 'Quarterly report');
      await library.publish(index, ...drafts);
      for (const level of ['document', 'chunk'] as const) {
        const hits = await find(query, { level });
        expect(namesOf(drafts, hits)[0]).toBe(wanted);
        expect(hits[0]!.score).toBeGreaterThan(
          hits.find((hit) => namesOf(drafts, [hit])[0] !== wanted)!.score,
        );
        const ids = hits.map((hit) => (level === 'document' ? hit.documentId : hit.chunkIds[0]!));
        const scores = await index.scores(query, ids, { level });
        hits.forEach((hit, i) => expect(scores[i]).toBeCloseTo(hit.score, 4));
      }
    });

    test('find a document whose text has none of the words, by its first passage', async () => {
      const [invoice, ...rest] = filings(['Invoice_Müller-GmbH_2024.pdf', 'Offer_Schmidt.pdf']);
      await library.publish(index, invoice!, ...rest);
      const [hit, ...others] = await find('the invoice for Muller');
      expect(hit).toMatchObject({
        documentId: invoice!.documentId,
        chunkIds: [invoice!.chunks[0]!.chunkId],
      });
      expect(others).toEqual([]);
      expect(documents(await find('invoice', { level: 'chunk' }))).toEqual([
        invoice!.documentId,
        invoice!.documentId,
      ]);
      expect(await find('pdf')).toEqual([]);
    });

    test('are asked for word for word, also where the text does not hold them', async () => {
      const crowd = filings(Array.from({ length: 12 }, (_, i) => `INV-${20_000 + i}_paid.pdf`));
      const many = draft(null, 'Invoices were paid, and invoices are paid: INV INV INV.');
      await library.publish(index, ...crowd, many);
      for (const level of ['document', 'chunk'] as const)
        for (const query of ['was INV-20007 paid?', '"inv-20007"']) {
          const [first, ...rest] = await find(query, { level, topK: 20 });
          expect([namesOf(crowd, [first!]), first?.exact]).toEqual([['INV-20007_paid.pdf'], 1]);
          expect(rest.filter((hit) => hit.exact !== undefined)).toHaveLength(level === 'chunk' ? 1 : 0);
        }
    });

    test('go with their documents, and a rebuild reads them back', async () => {
      const [first, second] = filings(['kestrel_A.pdf', 'osprey_B.pdf']);
      await library.publish(index, first!, second!);
      expect(documents(await find('kestrel osprey', { topK: 5 }))).toHaveLength(2);
      await library.remove(second!);
      const before = await find('kestrel osprey revenue');
      expect(documents(before)).toEqual([first!.documentId]);
      await index.rebuild();
      const after = await find('kestrel osprey revenue');
      expect(documents(after)).toEqual([first!.documentId]);
      expect(after[0]!.score).toBeCloseTo(before[0]!.score, 1);
    });
  });

  test('queries without words, or full of odd characters, are answered', async () => {
    await library.publish(index, draft('Title', 'Ordinary words.'));
    for (const text of ['', '   ', 'the of and', '?!', '\0', '\ud800', '\udfff\0"\'\\; drop table chunks --'])
      expect(await find(text)).toEqual([]);
    const odd = [
      'ordinary\0words',
      '\ud800ordinary',
      'ordinary:* & !x | (',
      '%_ordinary',
      'x'.repeat(100_000) + ' ordinary',
    ];
    for (const text of odd) {
      expect(Array.isArray(await find(text))).toBe(true);
      expect(await index.scores(text, ['\0', '\ud800'], { level: 'chunk' })).toEqual(new Float64Array(2));
    }
    expect(await find('ordinary\0words')).toHaveLength(1);
    const long = Array.from({ length: 3000 }, (_, i) => `word${i}`).join(' ');
    expect(await find(`${long.slice(0, 15_000)} ordinary`)).toHaveLength(1);
  });

  test('odd texts are indexed', async () => {
    const odd = draft(
      '\ud800title',
      'lone \udc00 surrogate and 😀 emoji',
      'y'.repeat(5_000),
      '…',
      '𐍈𐌰𐌹 𠜎𠜱',
    );
    const write = await index.prepare([odd, library.draft(shelf, 'No chunks', [])]);
    expect(write).toBeDefined();
    const nothing = await index.prepare([]);
    await context().dataSource.transaction((transaction) => nothing.store(transaction));
    expect(await index.count()).toBe(0);
  });

  test('what was stored is there for a new instance, and what another stores is seen', async () => {
    const mine = draft(null, 'Walnut from here.');
    await library.publish(index, mine);
    const other = context().create();
    await other.createIndex();
    try {
      const theirs = draft(null, 'Walnut from there.');
      expect(await other.count()).toBe(1);
      await library.publish(other, theirs);
      expect(new Set(documents(await find('walnut')))).toEqual(new Set([mine.documentId, theirs.documentId]));
      await library.remove(mine);
      expect(await index.count()).toBe(1);
      expect(await other.count()).toBe(1);
    } finally {
      await other.close();
    }
  });

  test('a rolled back write leaves nothing', async () => {
    const write = await index.prepare([draft(null, 'phantom')]);
    const aborted = context().dataSource.transaction(async (transaction) => {
      await write.store(transaction);
      throw new Error('no');
    });
    await expect(aborted).rejects.toThrow('no');
    expect(await find('phantom')).toEqual([]);
    expect(await index.count()).toBe(0);
  });

  test('rebuild gives the same index', async () => {
    const all = Array.from({ length: 30 }, (_, i) =>
      library.draft(shelf, `Report ${i % 4}`, [
        { text: `budget line ${i} ${'deficit '.repeat(i % 3)}`, headingPath: ['Summary'] },
        `audit ${i % 5}`,
      ]),
    );
    await library.publish(index, ...all);
    await library.remove(all[3]!, all[4]!);
    const before = await find('budget deficit audit report summary', { topK: 50 });
    await index.rebuild();
    const after = await find('budget deficit audit report summary', { topK: 50 });
    expect(new Set(documents(after))).toEqual(new Set(documents(before)));
    expect(await index.count()).toBe(56);
    for (const hit of after) expect(hit.chunkIds).toHaveLength(1);
  });
}
