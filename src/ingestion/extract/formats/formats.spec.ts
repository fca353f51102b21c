import { describe, expect, it } from '@jest/globals';
import { extractBytes } from '../registry.js';
import type { ExtractedText } from '../extract.types.js';
import { layOutPages, type PdfLine } from './pdf-layout.js';

const read = (content: string, fileName: string): Promise<ExtractedText> =>
  extractBytes(Buffer.from(content), { fileName, mime: null });
const outline = ({ text, blocks }: ExtractedText): string[] =>
  blocks.map((b) => `${b.kind}${b.level ?? ''}: ${text.slice(b.start, b.end)}`);

describe('HTML', () => {
  it('keeps the content and drops what surrounds it', async () => {
    const page = await read(
      `<!doctype html><html lang="de-AT"><head><title> A &amp; B </title><style>p{}</style></head><body>
       <nav>Menu</nav><header><a>Logo</a></header>
       <h1>Top <em>story</em></h1><p hidden>secret</p><p style="color:red; display:none">gone</p>
       <p>First&nbsp;line<br>second   line</p><ul><li>one<ul><li>inner</li></ul></li><li>two</li></ul>
       <ol start="3"><li>three</li></ol><pre>a
  b</pre><script>alert(1)</script><noscript>no</noscript><template><p>t</p></template><aside>ad</aside><footer>foot</footer>`,
      'page.html',
    );
    expect(page).toMatchObject({ title: 'A & B', language: 'de', mime: 'text/html' });
    expect(outline(page)).toEqual([
      'paragraph: Logo',
      'heading1: Top story',
      'paragraph: First line\nsecond line',
      'list_item: - one',
      'list_item: - inner',
      'list_item: - two',
      'list_item: 3. three',
      'code: a\n  b',
    ]);
  });

  it('puts a definition behind its term', async () => {
    const page = await read(
      '<!doctype html><dl><dt>Contact<dd>Tanja Berg<dt>Deadline:<dd><p>3 May<p>noon<dt>Open<dt>Abroad<dd>yes<dt>Is it wet?<dd>No.<dt>Last</dl><p>End',
      'terms.html',
    );
    expect(outline(page)).toEqual([
      'list_item: Contact: Tanja Berg',
      'list_item: Deadline: 3 May',
      'list_item: noon',
      'list_item: Open',
      'list_item: Abroad: yes',
      'list_item: Is it wet?',
      'list_item: No.',
      'list_item: Last',
      'paragraph: End',
    ]);
  });

  it('names the column of each cell, across spans', async () => {
    const page = await read(
      `<table><caption>Sales</caption><tr><th rowspan=2>Region<th colspan=2>Revenue</tr><tr><th>2024<th>2025</tr>
       <tr><td rowspan=2>North<td>1<td>2</tr><tr><td>3<td>4</tr><tr><td>South<td colspan=2>none</table>
       <table><tr><th>Phylum<td>Chordata</tr><tr><th>Class<td>Aves</table>
       <table><tr><td><h2>Layout</h2><td><p>only</table>`,
      'table.html',
    );
    expect(outline(page)).toEqual([
      'paragraph: Sales',
      'table_row: Region | Revenue',
      'table_row: Region | 2024 | 2025',
      'table_row: Region: North | Revenue / 2024: 1 | Revenue / 2025: 2',
      'table_row: Region: North | Revenue / 2024: 3 | Revenue / 2025: 4',
      'table_row: Region: South | Revenue / 2024: none',
      'table_row: Phylum: Chordata',
      'table_row: Class: Aves',
      'heading2: Layout',
      'paragraph: only',
    ]);
  });

  it('drops banners, bars and breadcrumbs made of plain elements', async () => {
    const around = `<div id="cookie-banner">We use cookies for 13 months.</div><div class="top-bar x">Pricing</div>
      <div class="layout"><div class="sidebar"><h3>Related</h3></div><ol aria-label="breadcrumb"><li>Home</ol>`;
    const text = 'Each key may make sixty requests per minute. '.repeat(9);
    const page = await read(
      `<!doctype html><body class="has-sidebar">${around}<div class="text"><h1>Limits</h1><p>${text}<div class="share-buttons">Share</div></div></div>`,
      'page.html',
    );
    expect(outline(page)).toEqual(['heading1: Limits', `paragraph: ${text.trim()}`]);
    const content = await read(
      `<!doctype html><div class="teaser">Read more elsewhere</div><div class="post-content"><p>${text}</div>`,
      'page.html',
    );
    expect(outline(content)).toEqual([`paragraph: ${text.trim()}`]);
  });

  it.each([
    ['cookie', '<h1>Our cookies</h1><p>Short.'],
    ['sidebar', '<p>All that there is to say about it stands here, and it is more than stands elsewhere.'],
    ['cookie-recipe', '<p>Flour.'],
    ['shared', '<p>Flour.'],
  ])('keeps an element of class "%s" that is content', async (name, inner) => {
    const page = await read(
      `<!doctype html><div class="${name}">${inner}</div><p>Some more words of the page.`,
      'page.html',
    );
    expect(page.text).toContain(inner.split('>').at(-1));
  });

  it('does not take a page for a heading that was never closed', async () => {
    const page = await read('<!doctype html><h1>Title<div>One.</div><div>Two.</div>', 'open.html');
    expect(outline(page)).toEqual(['heading1: Title', 'paragraph: One.', 'paragraph: Two.']);
  });

  it('cannot be made huge by spanning cells', async () => {
    const cells = `<td rowspan=65000 colspan=1000>${'x'.repeat(5000)}`.repeat(20);
    const page = await read(`<!doctype html><table>${`<tr>${cells}`.repeat(20)}</table>`, 'bomb.html');
    expect(page.text.length).toBeLessThan(10_000_000);
  });
});

describe('Markdown', () => {
  it('leaves the text as it is and finds its structure', async () => {
    const source = `---\ntitle: "The *guide*"\ntags: [a]\n---\n<!-- note -->\n# Guide #\n\nSome *prose*\nin two lines.\n\nOther\n-----\n- one\n  more\n- two\n\n\`\`\`js\n# not a heading\n\n- nor a list\n\`\`\`\n\n| A | B |\n|---|:-:|\n| 1 | 2 |\n\n> quoted\n\n***\n#hashtag\n`;
    const page = await read(source, 'guide.md');
    expect(page).toMatchObject({ title: 'The *guide*', text: source, mime: 'text/markdown' });
    expect(outline(page)).toEqual([
      'heading1: Guide',
      'paragraph: Some *prose*\nin two lines.',
      'heading2: Other',
      'list_item: - one\n  more',
      'list_item: - two',
      'code: ```js\n# not a heading\n\n- nor a list\n```',
      'table_row: | A | B |',
      'table_row: | 1 | 2 |',
      'paragraph: > quoted',
      'paragraph: #hashtag',
    ]);
    const [header, row] = page.blocks.filter((b) => b.kind === 'table_row');
    expect(row!.headerStart).toBe(header!.start);
  });

  it('takes its title from the first heading, without marks', async () => {
    expect((await read('Intro\n\n# The `id` of [a thing](http://x) **now**\n', 'a.md')).title).toBe(
      'The id of a thing now',
    );
    expect((await read('---\nnot front matter\n---\n\ntext', 'b.md')).text).toContain('not front matter');
  });
});

describe('the type of a text', () => {
  it('follows the content, then the name', async () => {
    const mime = async (content: string, name: string): Promise<string> => (await read(content, name)).mime;
    expect(await mime('<!DOCTYPE html><p>x', 'x.txt')).toBe('text/html');
    expect(await mime('<!-- c --><!-- d -->\n<html><p>x', 'x')).toBe('text/html');
    expect(await mime('<p align="center">Readme</p>\n\n# Title', 'README.md')).toBe('text/markdown');
    expect(await mime('Some text, <b>bold</b>', 'x.html')).toBe('text/html');
    expect(await mime('MZ and BM are letters too', 'x.txt')).toBe('text/plain');
    expect(await mime('1 < 2 and plain', 'x.html')).toBe('text/plain');
    expect(await mime('A file that begins with %PDF- is a PDF.', 'about.txt')).toBe('text/plain');
    expect(await mime(`log\0line\n${'more\n'.repeat(500)}`, 'x.log')).toBe('text/plain');
    // So repetitive that its bytes are nearly all printable, but an archive.
    await expect(read(`PK\x03\x04\x14\0\0\0${'A'.repeat(5000)}`, 'x.docx')).rejects.toMatchObject({
      code: 'document_corrupt',
    });
    expect(await mime('{\\rtf1\\ansi Some text}', 'x.txt')).toBe('application/rtf');
  });

  it('splits plain text at blank lines and list marks', async () => {
    expect(outline(await read('One\ntwo\r\n\r\n  - a\n  - b\n1) c\n', 'x.txt'))).toEqual([
      'paragraph: One\ntwo',
      'list_item: - a',
      'list_item: - b',
      'list_item: 1) c',
    ]);
  });
});

describe('layout of PDF pages', () => {
  let y = 0;
  const line = (text: string, more: Partial<PdfLine> & { skip?: number } = {}): PdfLine => {
    y -= more.skip ?? 12;
    return {
      text,
      page: 1,
      angle: 0,
      along: 72,
      across: y,
      lastAcross: y,
      size: 10,
      bold: false,
      startsWithSymbol: false,
      ...more,
    };
  };
  const show = (pages: PdfLine[][]): string[] =>
    layOutPages(pages).map((b) => `${b.kind}${b.level ?? ''}: ${b.text}`);
  const prose = (n: number): PdfLine[] =>
    Array.from({ length: n }, (_, i) => line(`prose ${i} that fills up the whole line of the page`));

  it('parts paragraphs by space, indent and style', () => {
    expect(
      show([
        [
          line('Report', { size: 18 }),
          line('A section', { bold: true, skip: 24 }),
          ...prose(3),
          line('Indented start', { along: 84 }),
          line('and its second line'),
          line('• first', { along: 80 }),
          line('goes on', { along: 90 }),
          line('second', { along: 80, startsWithSymbol: true }),
          line('Apart', { skip: 30 }),
        ],
      ]).map((text) => text.replaceAll('\n', '/')),
    ).toEqual([
      'heading1: Report',
      'heading4: A section',
      expect.stringMatching(/^paragraph: prose 0.*prose 2/),
      'paragraph: Indented start/and its second line',
      'list_item: • first/goes on',
      'list_item: second',
      'paragraph: Apart',
    ]);
  });

  it('carries a sentence on into the next column', () => {
    const [first] = show([
      [...prose(3), line('ends in the middle of', {}), line('a sentence.', { skip: -200, along: 300 })],
    ]);
    expect(first).toMatch(/middle of\na sentence\.$/);
  });

  it('keeps running heads once and page numbers not at all', () => {
    const page = (n: number): PdfLine[] => [
      line('Annual report', { page: n }),
      ...((y -= 40), prose(3)).map((l) => ({ ...l, page: n, text: `${l.text} of ${'abcdef'[n]}` })),
      line(String(n), { page: n, skip: 40 }),
    ];
    const blocks = show([1, 2, 3, 4].map(page));
    expect(blocks.filter((b) => b.includes('Annual report'))).toHaveLength(1);
    expect(blocks.filter((b) => /: \d$/.test(b))).toEqual([]);
    expect(blocks.filter((b) => b.includes('prose'))).toHaveLength(4);
  });

  /** Pages with these texts at their edges. */
  const framed = (edges: { head: string; foot: string }[]): string[] =>
    show(
      edges.map(({ head, foot }, i) =>
        [line(head), ...((y -= 40), prose(3)), line(foot, { skip: 40 })].map((l) => ({
          ...l,
          page: i + 1,
          ...(l.text.startsWith('prose') ? { text: `${l.text} of ${'abcdefghijkl'[i]}` } : {}),
        })),
      ),
    );

  it('keeps what differs from page to page in a number that counts no pages', () => {
    const numbers = ['8113', '4410', '9127', '1002'];
    const totals = ['1,190.00', '83.30', '2,405.99', '640.00'];
    const blocks = framed(numbers.map((n, i) => ({ head: `Invoice ${n}`, foot: `Total ${totals[i]} EUR` })));
    for (const n of numbers) expect(blocks).toContainEqual(expect.stringMatching(`: Invoice ${n}$`));
    for (const n of totals) expect(blocks).toContainEqual(expect.stringMatching(`: Total ${n} EUR$`));
  });

  it('keeps numbers in sequence that are not of pages, and rows of numbers alone', () => {
    const blocks = framed(
      [310, 78, 1540, 96, 207].map((n, i) => ({
        head: `Invoice 2026-${1001 + i}`,
        foot: `${n}.00 ${n * 2}.00`,
      })),
    );
    expect(blocks.filter((b) => b.includes('Invoice 2026-'))).toHaveLength(5);
    expect(blocks.filter((b) => /: \d+\.00 \d+\.00$/.test(b))).toHaveLength(5);
  });

  it('drops running heads that count pages, with those in front and in parts', () => {
    const blocks = framed(
      Array.from({ length: 9 }, (_, i) => ({
        head: `Annual report ${i + 3} of 40`,
        foot: `Chapter ${i < 5 ? 1 : 2} | ${i + 211}`,
      })),
    );
    expect(blocks.filter((b) => b.includes('Annual report'))).toEqual([
      expect.stringContaining('Annual report 3 of 40'),
    ]);
    // Its number is too far from the page to be told from one of something else.
    expect(blocks.filter((b) => b.includes('Chapter'))).toHaveLength(9);
    const near = framed(
      Array.from({ length: 9 }, (_, i) => ({
        head: `Chapter ${i < 5 ? 1 : 2} | ${i + 11}`,
        foot: `${i + 1211}`,
      })),
    );
    expect(near.filter((b) => b.includes('Chapter'))).toEqual([
      expect.stringContaining('Chapter 1 | 11'),
      expect.stringContaining('Chapter 2 | 16'),
    ]);
    expect(near.filter((b) => /: \d+$/.test(b))).toEqual([]);
  });
});
