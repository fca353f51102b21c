import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestCollection } from '../../src/cli/eval/collection.js';
import { OfflineSearch } from '../../src/cli/weight/offline-search.js';
import { meanQuality } from '../../src/common/search/ranking-quality.js';
import { loadSettings } from '../../src/config/load-settings.js';
import { embeddingsOf } from '../../src/embeddings/embeddings.module.js';
import type { EmbeddingsService } from '../../src/embeddings/embeddings.service.js';
import { loadTokenCounter } from '../../src/embeddings/token-counter.js';
import { LEXICAL_WEIGHT } from '../../src/rag/search/fusion.js';
import { describeWithShared, sharedDir } from '../support/shared.js';

/** Towns, things and what is said of them: every document is one of each, every question two of them. */
interface Made {
  say: (town: string, thing: string, year: number) => string;
  ask: (town: string, thing: string) => string;
  towns: string;
  things: string;
}
const LANGUAGES: Record<string, Made> = {
  German: {
    say: (a, b, n) =>
      `In ${a} steht seit dem Jahr ${n} ${b}, und die Bewohner erzählen ihren Gästen gern davon.`,
    ask: (a, b) => `Seit wann steht in ${a} ${b}?`,
    towns: 'Ahrenfurt Bölkendorf Cramsitz Dünzow Elkhausen Fürwangen Gröpelin Hülstede',
    things:
      'eine Windmühle|ein Leuchtturm|eine Stadtmauer|ein Glockenturm|eine Markthalle|ein Schöpfwerk|eine Zollstation',
  },
  Indonesian: {
    say: (a, b, n) =>
      `Di ${a} berdiri ${b} sejak tahun ${n}, dan penduduk senang menceritakannya kepada para tamu.`,
    ask: (a, b) => `Sejak kapan ${b} berdiri di ${a}?`,
    towns: 'Tanjungsari Bulukarto Cimanggung Wonorejo Kedungwaru Lumajati Pasirmukti Sukalarang',
    things: 'kincir angin|mercusuar|tembok kota|menara lonceng|pasar tertutup|rumah pompa|kantor bea cukai',
  },
  Chinese: {
    say: (a, b, n) => `${a}的${b}建于${n}年，当地居民很喜欢向客人讲述它的故事。`,
    ask: (a, b) => `${a}的${b}是哪一年建的？`,
    towns: '青河镇 白岩村 石桥乡 柳林镇 双塔村 南湾镇 古井乡 云岭村',
    things: '风车|灯塔|城墙|钟楼|集市大厅|抽水站|海关',
  },
  Hindi: {
    say: (a, b, n) => `${a} में ${b} सन ${n} में बना था, और वहाँ के निवासी मेहमानों को इसकी कहानी सुनाते हैं।`,
    ask: (a, b) => `${a} में ${b} कब बना था?`,
    towns: 'रामपुरा शिवगढ़ चंदनवाड़ी पीपलखेड़ा नीमथाना सोनबरसा लखनपुरी देवलगाँव',
    things: 'पवनचक्की|प्रकाशस्तंभ|नगर का परकोटा|घंटाघर|बाज़ार का भवन|जलघर|सीमा चौकी',
  },
  Russian: {
    say: (a, b, n) =>
      `${b} в городе ${a} стоит с ${n} года, и жители охотно рассказывают о ней своим гостям.`,
    ask: (a, b) => `С какого года стоит ${b} в городе ${a}?`,
    towns: 'Берёзовск Верхнеозёрск Гремячинск Дубровино Еловка Заречинск Калинов Лугоград',
    things: 'мельница|башня маяка|городская стена|колокольня|торговая палата|насосная станция|таможня',
  },
};

function collectionOf(name: string): TestCollection {
  const { say, ask, towns, things } = LANGUAGES[name]!;
  const pairs = towns.split(' ').flatMap((town) => things.split('|').map((thing) => ({ town, thing })));
  return {
    name,
    empty: 0,
    documents: pairs.map(({ town, thing }, i) => ({ doc_id: `d${i}`, text: say(town, thing, 1500 + i * 7) })),
    queries: pairs.map(({ town, thing }, i) => ({ id: `q${i}`, text: ask(town, thing) })),
    judgements: new Map(pairs.map((_, i) => [`q${i}`, new Map([[`d${i}`, 1]])])),
  };
}

describeWithShared('an English encoder and other languages', ['models/all-MiniLM-L6-v2/config.json'], () => {
  let embeddings: EmbeddingsService;
  const modelsDir = path.join(sharedDir, 'models');

  beforeAll(async () => {
    embeddings = embeddingsOf(loadSettings({ MODELS_DIR: modelsDir, MODEL_DOWNLOAD: 'off' }, '0'));
    embeddings.start();
    for (const end = Date.now() + 60_000; embeddings.state().state !== 'ready'; await sleep(50))
      if (Date.now() > end) throw new Error(JSON.stringify(embeddings.state()));
  }, 90_000);
  afterAll(() => embeddings?.close());

  /** What both together gain over words alone, in nDCG@10. */
  async function gain(name: string, encoder: EmbeddingsService): Promise<number> {
    const collection = collectionOf(name);
    const count = await loadTokenCounter(path.join(modelsDir, 'all-MiniLM-L6-v2'));
    const search = await OfflineSearch.of(collection, {
      embeddings: encoder,
      count,
      report: () => undefined,
    });
    const quality = async (weight: number): Promise<number> =>
      meanQuality(await search.rankings(weight), collection.judgements).ndcg10;
    return (await quality(LEXICAL_WEIGHT)) - (await quality(1));
  }

  test.each(Object.keys(LANGUAGES))(
    '%s: both together are never worse than words alone',
    async (name) => {
      expect(await gain(name, embeddings)).toBeGreaterThanOrEqual(-0.005);
    },
    120_000,
  );

  test('they would be, were it heard in full', async () => {
    const forAny = Object.create(embeddings, {
      info: { value: () => ({ ...embeddings.info(), languages: undefined }) },
    }) as EmbeddingsService;
    const gains: number[] = [];
    for (const name of Object.keys(LANGUAGES)) gains.push(await gain(name, forAny));
    expect(Math.min(...gains)).toBeLessThan(-0.005);
  }, 240_000);
});
