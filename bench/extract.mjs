// Reading the files of SHARED_DIR in the sandbox: speed, completeness for each format, memory; and a long PDF.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatOf, listFiles, makeExtractor, sharedFiles, watchChildren } from './lib/extraction.mjs';

const PAGES = 500;
const expectations = JSON.parse(
  fs.readFileSync(new URL('../test/integration/extract.expectations.json', import.meta.url), 'utf8'),
);
const flat = (text) => text.replace(/\s+/g, ' ');

async function readAll({ status, limit }) {
  const extractor = makeExtractor();
  const memory = watchChildren();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-extract-'));
  const formats = new Map();
  const files = listFiles().slice(0, limit);
  let seconds = 0;
  try {
    for (const [i, name] of files.entries()) {
      status.show('extract', `${i + 1} of ${files.length}`);
      const started = performance.now();
      const result = await extractor.extract({
        path: path.join(sharedFiles, name),
        fileName: path.basename(name),
        mime: '',
        folder: path.join(folder, String(i)),
      });
      const took = (performance.now() - started) / 1000;
      seconds += took;
      const { code = 'ok', contains = [] } = expectations[name] ?? {};
      const format = formats.get(formatOf(name)) ?? { files: 0, right: 0, phrases: 0, found: 0, seconds: 0 };
      formats.set(formatOf(name), format);
      format.files++;
      format.seconds += took;
      if ((result.ok ? 'ok' : result.failure.code) === code) format.right++;
      format.phrases += contains.length;
      const text = result.ok ? flat(result.value.text) : '';
      format.found += contains.filter((phrase) => text.includes(flat(phrase))).length;
    }
    return [
      { figure: 'files', value: files.length },
      { figure: 'files a second', value: files.length / seconds, unit: '/s' },
      { figure: 'peak memory of the child', value: memory.peak(), unit: 'MB', wanted: { max: 1024 } },
      ...[...formats].flatMap(([format, { files: n, right, phrases, found, seconds: took }]) => [
        {
          figure: `${format}: outcome as expected`,
          value: (right / n) * 100,
          wanted: { min: 100 },
          unit: `% of ${n} files, ${Math.round((took / n) * 1000)} ms each`,
        },
        ...(phrases > 0
          ? [
              {
                figure: `${format}: known phrases found`,
                value: (found / phrases) * 100,
                unit: `% of ${phrases}`,
                wanted: { min: 100 },
              },
            ]
          : []),
      ]),
    ];
  } finally {
    memory.stop();
    extractor.onModuleDestroy();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

async function readLong({ status }) {
  const extractor = makeExtractor({ extractTimeout: 300 });
  const memory = watchChildren();
  const file = path.join(os.tmpdir(), `long-${process.pid}.pdf`);
  try {
    status.show('extract', `${PAGES} pages`);
    // Made elsewhere: its bytes would count as memory that was there before.
    const made = spawnSync(process.execPath, [
      fileURLToPath(new URL('lib/long-pdf.mjs', import.meta.url)),
      file,
      PAGES,
    ]);
    if (made.status !== 0) throw new Error(String(made.stderr));
    const before = process.memoryUsage.rss();
    let highest = before;
    const timer = setInterval(() => (highest = Math.max(highest, process.memoryUsage.rss())), 20);
    const started = performance.now();
    const result = await extractor.extract({ path: file, fileName: 'long.pdf', mime: '' });
    clearInterval(timer);
    if (!result.ok) throw new Error(result.failure.code);
    const last = result.value.blocks.at(-1)?.page;
    return [
      { figure: `PDF of ${PAGES} pages`, value: (performance.now() - started) / 1000, unit: 's' },
      { figure: 'its last page with text', value: last, wanted: { min: PAGES } },
      { figure: 'its peak memory in the child', value: memory.peak(), unit: 'MB', wanted: { max: 700 } },
      {
        figure: 'growth of the reading process',
        value: (highest - before) / 2 ** 20,
        unit: 'MB',
        wanted: { max: 100 },
      },
    ];
  } finally {
    memory.stop();
    extractor.onModuleDestroy();
    fs.rmSync(file, { force: true });
  }
}

export async function run(context) {
  const rows = [...(await readAll(context)), ...(await readLong(context))];
  context.status.clear();
  return rows;
}
