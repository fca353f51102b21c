import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import zlib from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Settings } from '../../src/config/settings.js';
import { childCommand } from '../../src/ingestion/extract/child-command.js';
import { Extractor } from '../../src/ingestion/extract/extractor.service.js';
import { networkIsolation } from '../../src/ingestion/extract/network-isolation.js';
import type { ExtractedText, ExtractResult } from '../../src/ingestion/extract/extract.types.js';

const GIB = 1024 ** 3;
const shared = path.resolve(process.env.SHARED_DIR ?? '../shared', 'files');
const hasShared = fs.existsSync(shared);
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'extract-spec-'));
const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';

/** What becomes of each file of the shared folder, by its path: `code` where it cannot be read, else phrases in it. */
const EXPECTED = JSON.parse(
  fs.readFileSync(path.join(import.meta.dirname, 'extract.expectations.json'), 'utf8'),
) as Record<string, { code?: string; contains?: string[] }>;
const flat = (value: string): string => value.replace(/\s+/g, ' ');

const settings = (extractTimeout: number, extractMemory: number): Settings =>
  ({
    extractTimeout,
    extractMemory,
    extractProcesses: 1,
    ocr: true,
    ocrLanguages: ['eng'],
  }) as unknown as Settings;

const extractor = new Extractor(settings(240, GIB));
afterAll(() => {
  extractor.onModuleDestroy();
  fs.rmSync(scratch, { recursive: true, force: true });
});

const made = (name: string, content: string | Uint8Array): string => {
  const file = path.join(scratch, name);
  fs.writeFileSync(file, content);
  return file;
};

const read = (file: string, by = extractor, fileName = path.basename(file)): Promise<ExtractResult> =>
  by.extract({ path: file, fileName, mime: 'application/octet-stream' });

async function text(file: string): Promise<ExtractedText> {
  const result = await read(file);
  if (!result.ok) throw new Error(`${file}: ${result.failure.code}`);
  return result.value;
}

const codeOf = (result: ExtractResult): string => (result.ok ? 'ok' : result.failure.code);

/** One page whose content stream inflates to `size` spaces. */
function pdfBomb(size: number): Buffer {
  const stream = zlib.deflateSync(Buffer.alloc(size, 0x20));
  const objects = [
    '<</Type/Catalog/Pages 2 0 R>>',
    '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    '<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R/Resources<<>>>>',
  ];
  const parts = [
    Buffer.from('%PDF-1.7\n'),
    ...objects.map((o, i) => Buffer.from(`${i + 1} 0 obj${o}endobj\n`)),
  ];
  parts.push(Buffer.from(`4 0 obj<</Length ${stream.length}/Filter/FlateDecode>>stream\n`), stream);
  parts.push(Buffer.from('\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF'));
  return Buffer.concat(parts);
}

(hasShared || process.env.REQUIRE_SHARED === '1' ? describe : describe.skip)(
  `files of ${hasShared ? 'the shared folder' : `${shared} (missing)`}`,
  () => {
    let files: string[] = [];
    beforeAll(() => {
      files = fs
        .readdirSync(shared, { recursive: true, encoding: 'utf8' })
        .filter((file) => fs.statSync(path.join(shared, file)).isFile())
        .toSorted();
    });

    it('are read, or refused with the right reason', async () => {
      // A file that comes or goes is put into the table.
      expect(files).toEqual(Object.keys(EXPECTED).toSorted());
      const wrong: string[] = [];
      for (const file of files) {
        const result = await read(path.join(shared, file));
        const { code: wanted = 'ok', contains = [] } = EXPECTED[file] ?? {};
        if (codeOf(result) !== wanted) wrong.push(`${file}: ${codeOf(result)}, not ${wanted}`);
        if (!result.ok) continue;
        const { value } = result;
        for (const phrase of contains)
          if (!flat(value.text).includes(flat(phrase))) wrong.push(`${file}: no "${phrase}"`);
        // oxlint-disable-next-line no-control-regex -- they must not be there
        if (/[\0-\x08\x0b-\x1f\x7f\ufffe\uffff]/.test(value.text) || !value.text.isWellFormed())
          wrong.push(`${file}: control characters`);
        let last = 0;
        for (const block of value.blocks) {
          if (block.start < last || block.end <= block.start || block.end > value.text.length)
            wrong.push(`${file}: block ${block.start}-${block.end}`);
          last = block.end;
        }
        const hasPages = /\.(?:pdf|pptx|xlsx?)$/.test(file);
        if ((value.pages !== null) !== hasPages) wrong.push(`${file}: ${value.pages} pages`);
        if (hasPages && value.blocks.some((b) => !b.page || b.page > (value.pages ?? 0)))
          wrong.push(`${file}: block without page`);
      }
      expect(wrong).toEqual([]);
    });

    it('keep their pages, titles, headings and joined words (PDF)', async () => {
      const handbook = await text(path.join(shared, 'docling/pdf/amt_handbook_sample.pdf'));
      expect(handbook.text.replaceAll('\n', ' ')).toContain(
        'designed to hold tight despite severe vibration',
      );
      const redbook = await text(path.join(shared, 'docling/pdf/redp5110_sampled.pdf'));
      expect(redbook).toMatchObject({
        pages: 18,
        title: 'Row and Column Access Control Support in IBM DB2 for i',
      });
      const chapter = redbook.blocks.find((b) =>
        redbook.text.slice(b.start, b.end).startsWith('Chapter 1. Securing and protecting IBM DB2 data'),
      );
      expect(redbook.blocks.find((b) => b.kind === 'heading' && b.page === 5)).toBeDefined();
      expect(chapter).toBeDefined();
      const columns = await text(
        path.join(shared, 'py-pdf_sample-files/026-latex-multicolumn/multicolumn.pdf'),
      );
      expect(columns.text.replaceAll('\n', ' ')).toContain(
        'consectetuer adipiscing elit. Ut purus elit, vestibulum ut, placerat',
      );
      const word = await text(path.join(shared, 'docling/pdf/multi_page.pdf'));
      expect(word.title).toBe('The Evolution of the Word Processor');
      const headings = word.blocks
        .filter((b) => b.kind === 'heading')
        .map((b) => word.text.slice(b.start, b.end));
      expect(headings).toContain('The Birth of Word Processing (1960s - 1970s)');
      expect(headings).toHaveLength(11);
    });

    it('give the article and not what surrounds it (HTML)', async () => {
      const duck = await text(path.join(shared, 'docling/html/wiki_duck.html'));
      expect(duck).toMatchObject({ title: 'Duck - Wikipedia', language: 'en' });
      expect(duck.text).toContain('A male is called a drake and the female is called a duck');
      expect(duck.text).toContain('Phylum: | Chordata');
      expect(duck.text).not.toMatch(/Jump to content|Privacy policy|Alemannisch|Create account/);
      expect(duck.blocks.filter((b) => b.kind === 'heading').length).toBeGreaterThan(15);
      const pivot = await text(path.join(shared, 'docling/html/example_08.html'));
      expect(pivot.text).toContain('Year: 2025 | Quarter: Q2 | Month: May | Revenue: $280 | Cost: $120');
    });

    it('give headings, lists and tables (DOCX)', async () => {
      const lake = await text(path.join(shared, 'docling/docx/word_sample.docx'));
      expect(lake).toMatchObject({ title: 'Swimming in the lake', mime: DOCX });
      expect(lake.text).toContain('3. Use sun cream');
      expect(lake.text).toContain(
        'Berries | Food: Blueberry, Strawberry, Cranberry | Calories per portion: 150',
      );
      const notes = await text(path.join(shared, 'mwilliamson_mammoth.js/test-data/footnotes.docx'));
      expect(notes.text).toContain('A tachyon walks into a bar.');
    });

    it('are told apart by content, whatever they are called', async () => {
      const asText = await read(path.join(shared, 'docling/pdf/multi_page.pdf'), extractor, 'notes.txt');
      expect(asText).toMatchObject({ ok: true, value: { mime: 'application/pdf' } });
      const asPdf = await read(path.join(shared, 'docling/html/wiki_duck.html'), extractor, 'duck.pdf');
      expect(asPdf).toMatchObject({ ok: true, value: { mime: 'text/html' } });
      const cut = fs.readFileSync(path.join(shared, 'docling/pdf/multi_page.pdf'));
      expect(codeOf(await read(made('cut.pdf', cut.subarray(0, cut.length * 0.3))))).toBe('document_corrupt');
    });
  },
);

it('does not start with languages of pictures whose data is not installed', async () => {
  const strange = (languages: string[], ocr = true): Extractor =>
    new Extractor(Object.assign(settings(60, GIB), { ocr, ocrLanguages: languages }));
  for (const languages of [['xyz'], ['eng', '../eng'], ['words']])
    await expect(strange(languages).onApplicationBootstrap()).rejects.toThrow(
      /^OCR_LANGUAGES: .*npm install/,
    );
  await strange(['eng']).onApplicationBootstrap();
  await strange(['xyz'], false).onApplicationBootstrap();
});

describe('bad files', () => {
  it('fail with a reason and leave the next one unharmed', async () => {
    const png = Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489', 'hex');
    const noise = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919 + (i >> 3) * 104_729) & 255));
    const expected: [string, string | Uint8Array, string][] = [
      ['empty.pdf', '', 'document_empty'],
      ['picture.pdf', png, 'document_corrupt'],
      ['noise.pdf', noise, 'document_corrupt'],
      ['noise.docx', noise, 'document_corrupt'],
      ['noise.bin', noise, 'document_type_unsupported'],
      ['broken.pdf', '%PDF-1.7\nnothing more', 'document_corrupt'],
      ['blank.txt', ' \n\t\n ', 'document_no_text'],
      ['blank.html', '<!doctype html><title></title><body><script>x()</script></body>', 'document_no_text'],
      ['huge.html', `<!doctype html><p>${'x'.repeat(21 * 1024 * 1024)}`, 'document_too_large'],
    ];
    const got = [];
    for (const [name, content] of expected) got.push([name, codeOf(await read(made(name, content)))]);
    expect(got).toEqual(expected.map(([name, , code]) => [name, code]));
    expect(codeOf(await read(made('fine.txt', 'Fine.')))).toBe('ok');
  });

  it('are refused at once where they are larger than anything that can be read', async () => {
    const large = made('large.txt', '');
    // Takes no room on the disk.
    fs.truncateSync(large, 4 * GIB);
    expect(codeOf(await read(large))).toBe('document_too_large');
    fs.rmSync(large);
  });

  it('may be nested a hundred thousand deep', async () => {
    const deep = made('deep.html', `<!doctype html>${'<div>'.repeat(100_000)}bottom`);
    expect(await read(deep)).toMatchObject({ ok: true, value: { text: 'bottom' } });
    const tables = made('tables.html', `<!doctype html>${'<table><tr><td>'.repeat(20_000)}inside`);
    expect(await read(tables)).toMatchObject({ ok: true, value: { text: 'inside' } });
  });

  it('cannot take more memory than they may', async () => {
    const bomb = await read(made('bomb.pdf', pdfBomb(GIB)));
    expect(codeOf(bomb)).toBe('document_too_large');
    const small = new Extractor(settings(240, 150 * 1024 * 1024));
    try {
      const wide = made('wide.html', `<!doctype html>${'<p>a<b>b</b>'.repeat(1_000_000)}`);
      expect(codeOf(await read(wide, small))).toBe('document_too_large');
      expect(codeOf(await read(made('after.md', '# After'), small))).toBe('ok');
    } finally {
      small.onModuleDestroy();
    }
  });

  it('are ended at the time limit, and when nobody waits for them any more', async () => {
    const slow = made('slow.html', `<!doctype html>${'<p>a<b>b</b>'.repeat(1_200_000)}`);
    const hasty = new Extractor(settings(0.5, GIB));
    try {
      expect(codeOf(await read(slow, hasty))).toBe('document_timeout');
    } finally {
      hasty.onModuleDestroy();
    }
    const controller = new AbortController();
    const aborted = extractor.extract({
      path: slow,
      fileName: 'slow.html',
      mime: '',
      signal: controller.signal,
    });
    const behind = read(made('behind.txt', 'Behind it.'));
    setTimeout(() => controller.abort(new Error('no longer wanted')), 300);
    await expect(aborted).rejects.toThrow('no longer wanted');
    expect(codeOf(await behind)).toBe('ok');
  });

  /** Readers among the children of this process: there are others, of other extractors. */
  const readers = (): number[] =>
    fs.readdirSync('/proc').flatMap((name) => {
      try {
        const status = fs.readFileSync(`/proc/${name}/status`, 'utf8');
        const command = fs.readFileSync(`/proc/${name}/cmdline`, 'utf8');
        const mine = Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]) === process.pid;
        return mine && command.includes('extract.child') ? [Number(name)] : [];
      } catch {
        return [];
      }
    });

  (fs.existsSync('/proc/self/cmdline') ? it : it.skip)(
    'are read again when somebody kills the reader',
    async () => {
      const before = new Set(readers());
      const fresh = new Extractor(settings(240, GIB));
      try {
        // It listens now, and stands still: the next file is certainly under way when it is killed.
        expect(codeOf(await read(made('warm.txt', 'Warm.'), fresh))).toBe('ok');
        const reader = readers().find((pid) => !before.has(pid));
        process.kill(reader!, 'SIGSTOP');
        const reading = read(made('killed.txt', 'Read all the same.'), fresh);
        await new Promise((resolve) => setTimeout(resolve, 200));
        process.kill(reader!, 'SIGKILL');
        expect(await reading).toMatchObject({ ok: true, value: { text: 'Read all the same.' } });
      } finally {
        fresh.onModuleDestroy();
      }
    },
  );

  (fs.existsSync('/proc/self/cmdline') ? it : it.skip)(
    'are read by one process until it has grown',
    async () => {
      const before = new Set(readers());
      const mine = (): number | undefined => readers().find((pid) => !before.has(pid));
      const roomy = new Extractor(settings(240, GIB));
      try {
        expect(codeOf(await read(made('first.txt', 'First.'), roomy))).toBe('ok');
        const first = mine();
        for (let i = 0; i < 60; i++) await read(made('next.txt', `Number ${i}.`), roomy);
        expect([mine(), first]).toEqual([first, expect.any(Number)]);
      } finally {
        roomy.onModuleDestroy();
      }
      // A quarter of this is less than the reader takes to begin with.
      const tight = new Extractor(settings(240, 200 * 1024 * 1024));
      try {
        const seen = new Set<number | undefined>();
        for (let i = 0; i < 25; i++) {
          expect(codeOf(await read(made('tight.txt', `Number ${i}.`), tight))).toBe('ok');
          seen.add(mine());
        }
        expect(seen.size).toBeGreaterThan(1);
      } finally {
        tight.onModuleDestroy();
      }
    },
  );

  it('are read one after the other when many come at once', async () => {
    const results = await Promise.all(
      Array.from({ length: 120 }, (_, i) => read(made(`many-${i}.txt`, `Text number ${i}.`))),
    );
    expect(results.map((r) => (r.ok ? r.value.text : r.failure.code))).toEqual(
      results.map((_, i) => `Text number ${i}.`),
    );
  });
});

describe('the child process', () => {
  it('can neither read other files, write, start programs, reach a network nor see the environment', async () => {
    const folder = path.join(scratch, 'program', 'a', 'b');
    fs.mkdirSync(folder, { recursive: true });
    const probe = path.join(folder, 'probe.mjs');
    const secret = made('secret.txt', 'secret');
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    fs.writeFileSync(
      probe,
      `import fs from 'node:fs';
       import net from 'node:net';
       import { spawnSync } from 'node:child_process';
       import { Worker } from 'node:worker_threads';
       const attempt = (work) => { try { work(); return 'allowed'; } catch (error) { return error.code; } };
       const connected = await new Promise((done) => {
         net.connect(${port}, '127.0.0.1').on('connect', () => done(true)).on('error', () => done(false));
       });
       console.log(JSON.stringify({
         read: attempt(() => fs.readFileSync(${JSON.stringify(secret)})),
         write: attempt(() => fs.writeFileSync(${JSON.stringify(path.join(scratch, 'made.txt'))}, 'x')),
         spawn: attempt(() => { const { error } = spawnSync('true'); if (error) throw error; }),
         worker: attempt(() => new Worker('0', { eval: true })),
         connected,
         environment: Object.keys(process.env),
       }));
       process.exit(0);`,
    );
    const isolation = await networkIsolation();
    const { command, args } = childCommand(pathToFileURL(probe), { memory: GIB, isolation });
    const child = spawn(command, args, { env: {}, stdio: ['ignore', 'pipe', 'inherit'] });
    const [stdout] = (await once(child.stdout, 'data')) as [Buffer];
    server.close();
    const denied = 'ERR_ACCESS_DENIED';
    expect(JSON.parse(stdout.toString())).toEqual({
      read: denied,
      write: denied,
      spawn: denied,
      worker: denied,
      // Where the system gives no network of one's own, the fence below is the only one.
      connected: isolation.length === 0,
      environment: [],
    });
  });

  it('keeps the network away from the libraries it loads, whatever the system does', () => {
    const fence = path.resolve(import.meta.dirname, '../../dist/ingestion/extract/no-network.js');
    const probe = `
      const attempt = async (work) => { try { await work(); return 'allowed'; } catch (error) { return error.code ?? error.name; } };
      (await import(${JSON.stringify(pathToFileURL(fence).href)})).closeNetwork();
      const { createRequire } = await import('node:module');
      console.log(JSON.stringify([
        await attempt(() => import('node:net')), await attempt(() => import('https')),
        await attempt(() => createRequire(${JSON.stringify(fence)})('dns')),
        await attempt(() => process.getBuiltinModule('http')),
        await attempt(() => process.binding('tcp_wrap')),
        await attempt(() => fetch('http://127.0.0.1')),
      ]));`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', probe], {
      encoding: 'utf8',
    });
    const denied = 'ERR_ACCESS_DENIED';
    expect(JSON.parse(stdout)).toEqual([denied, denied, denied, denied, denied, 'ReferenceError']);
  });
});
