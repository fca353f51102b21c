// What an encoder makes of the name of a file in front of a passage: mean reciprocal rank of the file that a question asks
// for, among made pages that differ only in the name. node scripts/build.mjs && node bench/lab/names.mjs
import path from 'node:path';
import { spokenFileName, titleOfFile } from '../../dist/common/search/file-name.js';
import { TransformersEmbedder } from '../../dist/embeddings/adapters/transformers/transformers.embedder.js';
import { findModel } from '../../dist/embeddings/models.js';
import { SHARED } from './load.mjs';

const MODELS = (process.env.LAB_MODELS ?? 'all-MiniLM-L6-v2,bge-small-en-v1.5').split(',');
const TITLE = 'Quarterly report';
const ORDINALS = ['first', 'second', 'third', 'fourth'];
const COMPANIES = { AMD: 'AMD', INTC: 'Intel', NVDA: 'Nvidia', AMERICANEXPRESS: 'American Express' };
Object.assign(COMPANIES, { BESTBUY: 'Best Buy', PEPSICO: 'PepsiCo', '3M': '3M' });

const names = [];
const questions = [];
for (const [company, said] of Object.entries(COMPANIES))
  for (const year of [2021, 2022])
    for (const [i, ordinal] of ORDINALS.entries()) {
      questions.push({
        text: `What was ${said}'s revenue in the ${ordinal} quarter of ${year}?`,
        wanted: names.length,
      });
      questions.push({ text: `${said} Q${i + 1} ${year} revenue`, wanted: names.length });
      names.push(`${company}_${year}Q${i + 1}_10Q.pdf`);
    }

const page = (n) =>
  `Results of operations\nNet revenue for the quarter increased from the year before; revenue was ${1000 + n} million dollars. The company and its consolidated subsidiaries describe revenue by segment under the accounting principles that are generally accepted, subject to note ${n}. Cost of sales and gross margin moved with revenue, and operating expenses rose with the number of employees in research and development.`;

const FORMS = {
  'the title alone': () => TITLE,
  'the raw name': (name) => name,
  'the name as one says it': (name) => spokenFileName(name),
  'the product: that, then the title': (name) => titleOfFile(TITLE, name),
};

const figures = Object.keys(FORMS).map(() => []);
for (const name of MODELS) {
  const encoder = await TransformersEmbedder.load({
    modelDir: path.join(SHARED, 'models', name),
    model: findModel(name),
    workers: 1,
  });
  const asked = await encoder.embed(
    questions.map(({ text }) => text),
    { kind: 'query' },
  );
  for (const [i, form] of Object.values(FORMS).entries()) {
    const pages = await encoder.embed(
      names.map((file, n) => `${form(file)}\n${page(n)}`),
      { kind: 'passage' },
    );
    const ranks = questions.map(({ wanted }, q) => {
      const cosines = pages.map((vector) => vector.reduce((sum, x, at) => sum + x * asked[q][at], 0));
      return cosines.filter((cosine) => cosine > cosines[wanted]).length + 1;
    });
    figures[i].push(ranks.reduce((sum, rank) => sum + 1 / rank, 0) / ranks.length);
  }
  await encoder.close();
}
const row = (cells) => console.log(`| ${cells.join(' | ')} |`);
row(['in front of the passage', ...MODELS]);
row(['---', ...MODELS.map(() => '---')]);
Object.keys(FORMS).forEach((label, i) => row([label, ...figures[i].map((value) => value.toFixed(3))]));
