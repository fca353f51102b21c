import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { deflateSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import type * as Xlsx from '@e965/xlsx';
import { extractBytes } from '../../src/ingestion/extract/registry.js';
import type { ExtractedText, PageCount, ReadFormat } from '../../src/ingestion/extract/extract.types.js';
import { PdfDocument } from '../../src/ingestion/extract/formats/pdfium.js';
import { mailOf, zipOf } from '../support/archives.js';
import { computingTimeOf } from '../support/clock.js';

const XLSX = createRequire(import.meta.url)('@e965/xlsx') as typeof Xlsx;

const read = (content: string | Uint8Array, fileName: string, ocr: string[] = []): Promise<ReadFormat> =>
  extractBytes(
    typeof content === 'string' ? Buffer.from(content) : content,
    { fileName, mime: null },
    {
      ocrLanguages: ocr,
    },
  );
const outline = ({ text, blocks }: ExtractedText): string[] =>
  blocks.map((b) => `${b.page ?? ''}${b.kind}${b.level ?? ''}: ${text.slice(b.start, b.end)}`);

describe('spreadsheets', () => {
  const book = (): Xlsx.WorkBook => {
    const sales = XLSX.utils.aoa_to_sheet([
      ['Sales of the year'],
      [],
      ['Region', 'Revenue', null, 'Closed on'],
      [null, 2024, 2025, null],
      ['North', { t: 'n', v: 1234.5, z: '#,##0.00 "€"' }, 7, { t: 'n', v: 46085, z: 'yyyy-mm-dd' }],
      [null, 3, 12_345_678_901_234, null],
      ['South', { t: 'n', v: 0.125, z: '0.0%' }, 9, null],
    ]);
    sales['!merges'] = ['B3:C3', 'A5:A6'].map((range) => XLSX.utils.decode_range(range));
    sales['!rows'] = [];
    sales['!rows'][6] = { hidden: true };
    const wb = XLSX.utils.book_new();
    XLSX.utils.book_append_sheet(wb, sales, 'Sales');
    XLSX.utils.book_append_sheet(wb, XLSX.utils.aoa_to_sheet([['Code word'], ['swordfish']]), 'Secret');
    wb.Workbook = { Sheets: [{}, { Hidden: 1 }] };
    return wb;
  };

  it.each(['xlsx', 'xlsb', 'biff8'] as const)(
    'keep names, columns, formats and what is hidden (%s)',
    async (bookType) => {
      const bytes = XLSX.write(book(), { type: 'buffer', bookType, cellStyles: true }) as Buffer;
      const sheet = await read(bytes, bookType === 'biff8' ? 'sales.xls' : `sales.${bookType}`);
      expect(sheet.pages).toBe(2);
      const lines = outline(sheet);
      expect(lines.slice(0, 5)).toEqual([
        '1heading1: Sales',
        '1paragraph: Sales of the year',
        '1table_row: Region | Revenue | Closed on',
        '1table_row: 2024 | 2025',
        '1table_row: Region: North | Revenue / 2024: 1,234.50 € | Revenue / 2025: 7 | Closed on: 2026-03-04',
      ]);
      expect(lines[5]).toBe('1table_row: Region: North | Revenue / 2024: 3 | Revenue / 2025: 12345678901234');
      expect(lines[6]).toMatch(/^1table_row: Region: South \| Revenue \/ 2024: 12\.5% \| Revenue \/ 2025: 9/);
      // The writer of the old format does not write hidden rows.
      if (bookType === 'xlsx') expect(lines[6]).toMatch(/ \(hidden row\)$/);
      expect(lines.slice(7)).toEqual([
        '2heading1: Secret (hidden sheet)',
        '2paragraph: Code word',
        '2paragraph: swordfish',
      ]);
    },
  );

  it('of LibreOffice are read too, and one cell at the far end is found at once', async () => {
    const plain = XLSX.utils.book_new();
    const rows = [
      ['Region', 'Revenue'],
      ['North', 5],
    ];
    XLSX.utils.book_append_sheet(plain, XLSX.utils.aoa_to_sheet(rows), 'Sales');
    const ods = XLSX.write(plain, { type: 'buffer', bookType: 'ods' }) as Buffer;
    const sheet = await read(ods, 'sales.ods');
    expect(sheet.mime).toBe('application/vnd.oasis.opendocument.spreadsheet');
    expect(sheet.text).toContain('Region: North | Revenue: 5');
    const near = XLSX.utils.book_new();
    XLSX.utils.book_append_sheet(near, XLSX.utils.aoa_to_sheet([['far away']]), 'Far');
    const parts = unzipSync(XLSX.write(near, { type: 'buffer', bookType: 'xlsx' }) as Buffer);
    const name = 'xl/worksheets/sheet1.xml';
    const xml = strFromU8(parts[name]!)
      .replace('<row r="1"', '<row r="1048576"')
      .replace('r="A1"', 'r="XFD1048576"')
      .replace(/ref="A1(?::A1)?"/, 'ref="A1:XFD1048576"');
    expect(xml).toContain('XFD1048576"');
    const far = zipSync({ ...parts, [name]: strToU8(xml) });
    const spent = await computingTimeOf(async () =>
      expect((await read(far, 'far.xlsx')).text).toBe('Far\n\nfar away'),
    );
    expect(spent).toBeLessThan(20_000);
  });

  it.each(['xlsx', 'xlsb', 'biff8'] as const)(
    'are read whatever signs their formats hold (%s)',
    async (bookType) => {
      const prices = XLSX.utils.aoa_to_sheet([
        ['Item', 'Price', 'Day', 'Odd'],
        [
          'Lamp',
          { t: 'n', v: 1234.5, z: '£#,##0.00' },
          { t: 'n', v: 46085, z: 'yyyy年mm月dd日' },
          { t: 'n', v: 7.25, z: 'N0.00' },
        ],
      ]);
      const wb = XLSX.utils.book_new();
      XLSX.utils.book_append_sheet(wb, prices, 'Prices');
      const options = { type: 'buffer', bookType, bookSST: true } as const;
      const bytes = XLSX.write(wb, options) as Buffer;
      const sheet = await read(bytes, bookType === 'biff8' ? 'prices.xls' : `prices.${bookType}`);
      expect(outline(sheet).at(-1)).toBe(
        '1table_row: Item: Lamp | Price: £1,234.50 | Day: 2026年03月04日 | Odd: 7.25',
      );
    },
  );

  it('are refused where a sheet or its texts are missing, whatever their formats', async () => {
    const wb = XLSX.utils.book_new();
    for (const name of ['One', 'Two'])
      XLSX.utils.book_append_sheet(
        wb,
        XLSX.utils.aoa_to_sheet([['Price'], [{ t: 'n', v: 5, z: '£0.00' }]]),
        name,
      );
    const parts = unzipSync(XLSX.write(wb, { type: 'buffer', bookType: 'xlsx', bookSST: true }) as Buffer);
    for (const lost of ['xl/worksheets/sheet2.xml', 'xl/sharedStrings.xml']) {
      expect(parts).toHaveProperty([lost]);
      const rest = zipSync(Object.fromEntries(Object.entries(parts).filter(([name]) => name !== lost)));
      await expect(read(rest, 'book.xlsx')).rejects.toMatchObject({ code: 'document_corrupt' });
    }
  });

  it('are not guessed out of noise', async () => {
    const noise = Buffer.from(Array.from({ length: 4000 }, (_, i) => (i * 7919 + (i >> 3) * 104_729) & 255));
    for (const name of ['x.xls', 'x.xlsx', 'x.doc', 'x.msg', 'x.ods', 'x.epub'])
      await expect(read(noise, name)).rejects.toMatchObject({ code: 'document_corrupt' });
  });
});

/** A Word 97 document whose text is in two pieces, one in Windows-1252 and one in UTF-16, as Word stores it. */
function docOf(narrow: string, wide: string): Buffer {
  const TEXT = 0x800;
  const main = Buffer.alloc(TEXT + narrow.length + 2 * wide.length + 512);
  main.writeUInt16LE(0xa5ec, 0);
  main.writeUInt16LE(0x00c1, 2);
  // The table stream is the one called 1Table.
  main.writeUInt16LE(0x0200, 0x0a);
  main.writeUInt32LE(TEXT, 0x18);
  main.writeUInt32LE(narrow.length + wide.length, 0x4c);
  main.write(narrow, TEXT, 'latin1');
  main.write(wide, TEXT + narrow.length, 'utf16le');
  const pieces = Buffer.alloc(5 + 3 * 4 + 2 * 8);
  pieces.writeUInt8(2, 0);
  pieces.writeUInt32LE(pieces.length - 5, 1);
  [0, narrow.length, narrow.length + wide.length].forEach((at, i) => pieces.writeUInt32LE(at, 5 + 4 * i));
  pieces.writeUInt32LE((0x40000000 | (TEXT * 2)) >>> 0, 17 + 2);
  pieces.writeUInt32LE(TEXT + narrow.length, 25 + 2);
  main.writeUInt32LE(0, 0x1a2);
  main.writeUInt32LE(pieces.length, 0x1a6);
  const file = XLSX.CFB.utils.cfb_new();
  XLSX.CFB.utils.cfb_add(file, '/WordDocument', main);
  XLSX.CFB.utils.cfb_add(file, '/1Table', Buffer.concat([pieces, Buffer.alloc(4096)]));
  return Buffer.from(XLSX.CFB.write(file, { type: 'buffer' }) as Buffer);
}

describe('documents of old Word', () => {
  const report = docOf(
    'Inspection report\rThe crane was tested in Malm\u00f6.\r',
    '\u041a\u0440\u0430\u043d passed.\rLoad\u000740 t\u0007\u0007',
  );

  it('are read from both kinds of text, with their rows', async () => {
    const { text, title, mime, blocks } = await read(report, 'report.doc');
    expect(mime).toBe('application/msword');
    expect(title).toBe('Inspection report');
    expect(text).toContain('The crane was tested in Malmö.');
    expect(text).toContain('Кран passed.');
    expect(
      blocks.filter(({ kind }) => kind === 'table_row').map(({ start, end }) => text.slice(start, end)),
    ).toEqual(['Load | 40 t']);
  });

  it('are told by their content, and refused when they are damaged or encrypted', async () => {
    expect((await read(report, 'report.txt')).mime).toBe('application/msword');
    const encrypted = Buffer.from(report);
    encrypted.writeUInt16LE(0x0300, encrypted.indexOf(Buffer.from([0xec, 0xa5, 0xc1, 0x00])) + 10);
    await expect(read(encrypted, 'x.doc')).rejects.toMatchObject({ code: 'document_encrypted' });
    await expect(read(report.subarray(0, 700), 'x.doc')).rejects.toMatchObject({ code: 'document_corrupt' });
  });
});

const P = 'http://schemas.openxmlformats.org/presentationml/2006/main';
const A = 'http://schemas.openxmlformats.org/drawingml/2006/main';
const R = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const REL = 'http://schemas.openxmlformats.org/package/2006/relationships';

describe('presentations', () => {
  const slide = (title: string, text: string, attributes = ''): string =>
    `<p:sld xmlns:p="${P}" xmlns:a="${A}" ${attributes}><p:cSld><p:spTree>
     <p:sp><p:nvSpPr><p:cNvPr id="2" name="T"/><p:cNvSpPr/><p:nvPr><p:ph type="title"/></p:nvPr></p:nvSpPr><p:txBody><a:p><a:r><a:t>${title}</a:t></a:r></a:p></p:txBody></p:sp>
     <p:sp><p:nvSpPr><p:cNvPr id="3" name="B"/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:txBody><a:p><a:r><a:t>${text}</a:t></a:r></a:p></p:txBody></p:sp>
     </p:spTree></p:cSld></p:sld>`;
  const deck = zipOf({
    '[Content_Types].xml':
      '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Override PartName="/ppt/presentation.xml" ContentType="application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"/></Types>',
    '_rels/.rels': `<Relationships xmlns="${REL}"><Relationship Id="r1" Type="${R}/officeDocument" Target="ppt/presentation.xml"/></Relationships>`,
    'ppt/presentation.xml': `<p:presentation xmlns:p="${P}" xmlns:r="${R}"><p:sldIdLst><p:sldId id="256" r:id="rId2"/><p:sldId id="257" r:id="rId1"/></p:sldIdLst></p:presentation>`,
    'ppt/_rels/presentation.xml.rels': `<Relationships xmlns="${REL}"><Relationship Id="rId1" Type="${R}/slide" Target="slides/slide1.xml"/><Relationship Id="rId2" Type="${R}/slide" Target="slides/slide2.xml"/></Relationships>`,
    'ppt/slides/slide1.xml': slide('Made first', 'Shown last.', 'show="0"'),
    'ppt/slides/slide2.xml': slide('Made second', 'Shown first.'),
  });

  it('have their slides in the order of the show, and say which are hidden', async () => {
    const shown = await read(deck, 'deck.pptx');
    expect(shown.pages).toBe(2);
    expect(outline(shown)).toEqual([
      '1heading1: Made second',
      '1paragraph: Shown first.',
      '2heading1: Made first (hidden slide)',
      '2paragraph: Shown last.',
    ]);
  });
});

const OFFICE = 'urn:oasis:names:tc:opendocument:xmlns';

describe('OpenDocument, e-books and RTF', () => {
  it('keep headings and tables of texts, and the numbers of slides', async () => {
    const names = `xmlns:office="${OFFICE}:office:1.0" xmlns:text="${OFFICE}:text:1.0" xmlns:table="${OFFICE}:table:1.0" xmlns:draw="${OFFICE}:drawing:1.0" xmlns:presentation="${OFFICE}:presentation:1.0"`;
    const cell = (value: string): string => `<table:table-cell><text:p>${value}</text:p></table:table-cell>`;
    const odt = zipOf({
      mimetype: 'application/vnd.oasis.opendocument.text',
      'content.xml': `<office:document-content ${names}><office:body><office:text><text:h text:outline-level="2">Tides</text:h><text:p>High at noon.</text:p>
        <table:table><table:table-row>${cell('Port')}${cell('Depth')}</table:table-row><table:table-row>${cell('Lindholm')}${cell('7 m')}</table:table-row></table:table></office:text></office:body></office:document-content>`,
    });
    expect(outline(await read(odt, 'tides.odt'))).toEqual([
      'heading2: Tides',
      'paragraph: High at noon.',
      'table_row: Port | Depth',
      'table_row: Port: Lindholm | Depth: 7 m',
    ]);
    const page = (text: string): string =>
      `<draw:page draw:name="p"><draw:frame><draw:text-box><text:p>${text}</text:p></draw:text-box></draw:frame></draw:page>`;
    const odp = zipOf({
      mimetype: 'application/vnd.oasis.opendocument.presentation',
      'content.xml': `<office:document-content ${names}><office:body><office:presentation>${page('First words')}${page('Second words')}</office:presentation></office:body></office:document-content>`,
    });
    const slides = await read(odp, 'slides.odp');
    expect(slides.pages).toBe(2);
    expect(outline(slides)).toContain('2paragraph: Second words');
  });

  it('keep chapters of e-books in the order of the book', async () => {
    const chapter = (title: string, text: string): string =>
      `<html xmlns="http://www.w3.org/1999/xhtml"><head><title>${title}</title></head><body><h1>${title}</h1><p>${text}</p></body></html>`;
    const book = zipOf({
      mimetype: 'application/epub+zip',
      'META-INF/container.xml':
        '<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
      'book.opf': `<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="i"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>The book</dc:title><dc:identifier id="i">x</dc:identifier><dc:language>en</dc:language></metadata>
        <manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/><item id="b" href="b.xhtml" media-type="application/xhtml+xml"/></manifest><spine><itemref idref="b"/><itemref idref="a"/></spine></package>`,
      'a.xhtml': chapter('The end', 'Last words.'),
      'b.xhtml': chapter('The beginning', 'First words.'),
    });
    const read1 = await read(book, 'book.epub');
    expect(read1.title).toBe('The book');
    expect(outline(read1)).toEqual([
      'heading1: The beginning',
      'paragraph: First words.',
      'heading1: The end',
      'paragraph: Last words.',
    ]);
  });

  it('read RTF in its code page', async () => {
    const rtf = await read(
      "{\\rtf1\\ansi\\ansicpg1252 Caf\\'e9 am See.\\par Zweite Zeile.\\par}",
      'note.rtf',
    );
    expect(rtf.text).toBe('Café am See.\n\nZweite Zeile.');
  });
});

describe('tables and records as text', () => {
  it('find the delimiter, keep quoted line ends, and name columns', async () => {
    const csv = await read('Name;Note\r\n"Ann";"two\r\nlines; one cell"\r\nBen;\r\n', 'people.csv');
    expect(outline(csv)).toEqual([
      'table_row: Name | Note',
      'table_row: Name: Ann | Note: two lines; one cell',
      'table_row: Name: Ben',
    ]);
    const open = await read('Name,Size\n"Ann,5\nBen,6\n', 'open.csv');
    expect(open.text).toContain('Name: Ben | Size: 6');
    const nameless = await read('a\tb\tc\n1\t2\t3\n4\t5\t6\n7\t8\t9\n', 'export');
    expect(nameless.mime).toBe('text/tab-separated-values');
  });

  it('keep the path of values in JSON, and read lines of JSON', async () => {
    const json = await read(
      JSON.stringify({
        name: 'Catalogue',
        owner: { city: 'Lindholm', tags: ['a', 'b'] },
        items: [
          { id: 1, size: { w: 2 } },
          { id: 2, note: 'x'.repeat(1200) },
        ],
      }),
      'data.json',
    );
    expect(json.title).toBe('Catalogue');
    expect(outline(json)).toEqual([
      'list_item: name: Catalogue',
      'list_item: owner.city: Lindholm | owner.tags: a, b',
      'heading1: items',
      'table_row: id: 1 | size.w: 2',
      'list_item: id: 2',
      `paragraph: note: ${'x'.repeat(1200)}`,
    ]);
    expect(outline(await read('{"a":1}\n{"a":2}\n', 'log.jsonl'))).toEqual([
      'table_row: a: 1',
      'table_row: a: 2',
    ]);
    const exact = '{"order":1234567890123456789,"price":1.10,"part":0.5,"rate":2e-7,"n":12}';
    const line = 'order: 1234567890123456789 | price: 1.10 | part: 0.5 | rate: 2e-7 | n: 12';
    expect((await read(`[${exact}]`, 'orders.json')).text).toBe(line);
    expect((await read(`${exact}\n${exact}\n`, 'orders.jsonl')).text.split(/\n+/)).toEqual([line, line]);
    expect((await read('{"a": broken', 'bad.json')).mime).toBe('text/plain');
    const deep = `${'[{"k":'.repeat(5000)}1${'}]'.repeat(5000)}`;
    await expect(read(deep, 'deep.json')).rejects.toMatchObject({ code: 'document_too_large' });
  });

  it('keep fields and mixed content of XML, and expand nothing', async () => {
    const xml = await read(
      `<?xml version="1.0"?><!DOCTYPE c [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY a "aaaaaaaaaa">]>
       <c><book id="b1"><title>Tides</title><author>Ann</author></book><p>Read <b>this</b> first.</p><q>&x;&a;</q></c>`,
      'books.xml',
    );
    expect(outline(xml).slice(0, 2)).toEqual([
      'table_row: book (id=b1) | title: Tides | author: Ann',
      'paragraph: Read this first.',
    ]);
    expect(xml.text).not.toMatch(/root:|aaaa/);
    const deep = await read(`<?xml version="1.0"?>${'<a>'.repeat(100_000)}bottom`, 'deep.xml');
    expect(deep.text).toContain('bottom');
  });

  it('keep what stands in the attributes of XML, but not how a picture is drawn', async () => {
    const body = `How do I tie a bowline? ${'It comes loose again and again. '.repeat(9)}`.trim();
    const many = Array.from({ length: 9 }, (_, i) => `Field${i}="some value number ${i}"`).join(' ');
    const dump = await read(
      `<posts><row Id="1" class="question" d="2026-03-04" Data="${'QUJD'.repeat(80)}" Body="${body}"/><row Id="2" ${many}/><note Id="3" Text="${body}"><by>Ann</by></note></posts>`,
      'dump.xml',
    );
    expect(outline(dump)).toEqual([
      'table_row: row (Id=1, class=question, d=2026-03-04)',
      `paragraph: Body: ${body}`,
      expect.stringMatching(
        /^table_row: row \(Id=2, Field0=some value number 0, .*Field8=some value number 8\)$/,
      ),
      `paragraph: Text: ${body}`,
      'table_row: note (Id=3) | by: Ann',
    ]);
    const drawing = await read(
      `<svg xmlns="http://www.w3.org/2000/svg"><g class="layer" transform="scale(2)"><text x="4">Harbour</text><path d="${'M 1 2 L 3 4 '.repeat(40)}"/></g></svg>`,
      'map.xml',
    );
    expect(outline(drawing)).toEqual(['table_row: text (x=4): Harbour']);
  });

  it('leave the times out of subtitles', async () => {
    const srt =
      '1\n00:00:01,000 --> 00:00:02,500\nGood <i>morning</i>,\n\n2\n00:00:02,500 --> 00:00:04,000\neverybody.\n';
    expect((await read(srt, 'film.srt')).text).toBe('Good morning, everybody.');
    expect((await read(srt, 'film.txt')).mime).toBe('application/x-subrip');
  });

  it('keep source code as it is', async () => {
    const code = await read('def a():\n    return 1\n\n\ndef b():\n    return 2\n', 'tool.py');
    expect(outline(code)).toEqual(['code: def a():\n    return 1', 'code: def b():\n    return 2']);
  });
});

describe('mails', () => {
  it('are read with their tables and give their files', async () => {
    const mail = Buffer.from(
      'From: =?utf-8?Q?J=C3=BCrgen?= <j@example.com>\r\nTo: a@example.com\r\nSubject: Prices\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n' +
        '<p>See below.</p><table><tr><th>Item</th><th>Price</th></tr><tr><td>Rope</td><td>12</td></tr></table>',
    );
    const html = await read(mail, 'prices.eml');
    expect(html.text).toContain('From: Jürgen <j@example.com>');
    expect(html.text).toContain('Item: Rope | Price: 12');
    const outer = mailOf('Outer', 'Body.', { '../../evil.txt': 'x', 'a.txt': 'one', 'b.txt': 'two' });
    const files = [];
    for await (const file of (await read(outer, 'outer.eml')).files ?? []) files.push(file.name);
    expect(files).toEqual(['evil.txt', 'a.txt', 'b.txt']);
    const bomb = `From: a@b.c\r\nMessage-ID: <1>\r\nSubject: x\r\n${'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n'.repeat(3000)}`;
    await expect(read(bomb, 'bomb.eml')).rejects.toMatchObject({ code: 'document_too_large' });
  });

  const namesIn = async (content: string | Uint8Array, fileName: string): Promise<string[]> => {
    const names = [];
    for await (const { name } of (await read(content, fileName)).files ?? []) names.push(name);
    return names;
  };

  it('leave out only the pictures that their body shows', async () => {
    const picture = (name: string, more: string): string =>
      `--cut\r\nContent-Type: image/jpeg; name="${name}"\r\nContent-Disposition: inline; filename="${name}"\r\n` +
      `${more}Content-Transfer-Encoding: base64\r\n\r\n/9j/4AAQSkZJRg==\r\n`;
    const mail =
      'From: a@example.com\r\nSubject: Receipt\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=cut\r\n\r\n' +
      '--cut\r\nContent-Type: text/html\r\n\r\n<p>See the receipt.<img src="cid:logo%401">\r\n' +
      `${picture('receipt.jpg', '')}${picture('photo.jpg', 'Content-ID: <photo@1>\r\n')}` +
      `${picture('logo.jpg', 'Content-ID: <logo@1>\r\n')}--cut--\r\n`;
    expect(await namesIn(mail, 'mail.eml')).toEqual(['receipt.jpg', 'photo.jpg']);

    const msg = XLSX.CFB.utils.cfb_new();
    const put = (folder: string, fields: Record<string, string | Buffer>): void => {
      for (const [tag, value] of Object.entries(fields))
        XLSX.CFB.utils.cfb_add(
          msg,
          `/${folder}__substg1.0_${tag}`,
          typeof value === 'string' ? Buffer.from(value, 'utf16le') : value,
        );
    };
    XLSX.CFB.utils.cfb_add(msg, '/__properties_version1.0', Buffer.alloc(32));
    put('', { '0037001F': 'Receipt', '1013001F': '<p>See the receipt.<img src="cid:logo@1">' });
    [
      ['photo.jpg', 'photo@1'],
      ['logo.jpg', 'logo@1'],
    ].forEach(([name, id], i) =>
      put(`__attach_version1.0_#0000000${i}/`, {
        '3707001F': name!,
        '3712001F': id!,
        '370E001F': 'image/jpeg',
        '37010102': Buffer.from('/9j/4AAQSkZJRg==', 'base64'),
      }),
    );
    const bytes = XLSX.CFB.write(msg, { type: 'buffer' }) as Buffer;
    expect(await namesIn(bytes, 'mail.msg')).toEqual(['photo.jpg']);
  });
});

/** One page with this text at 24 points. */
function textPdf(lines: string[]): Buffer {
  const content = `BT /F1 24 Tf 30 TL 60 700 Td ${lines.map((line) => `(${line}) Tj T*`).join(' ')} ET`;
  return pdf(`<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>`, content, '');
}

function pdf(resources: string, content: string, more: string | Buffer): Buffer {
  return Buffer.concat([
    Buffer.from(
      `%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n` +
        `3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources${resources}>>endobj\n` +
        `4 0 obj<</Length ${content.length}>>stream\n${content}\nendstream endobj\n`,
    ),
    Buffer.from(more),
    Buffer.from('trailer<</Root 1 0 R>>\n%%EOF'),
  ]);
}

describe('words divided at the end of a line', () => {
  it('are joined in a PDF, and keep a hyphen of their own', async () => {
    const { text } = await read(
      textPdf([
        'The tests for COVID-',
        '19 took place at the infor-',
        'mation desk of the Social-',
        'Media team',
      ]),
      'tests.pdf',
    );
    expect(text.replaceAll('\n', ' ')).toBe(
      'The tests for COVID-19 took place at the information desk of the Social-Media team',
    );
  });
});

/** A one-page form: a text field with a look, a box, a link, a field without a look, one of two lines, a hidden one. */
function formPdf(): Buffer {
  const stream = (head: string, content: string): string =>
    `<<${head}/Length ${content.length}>>stream\n${content}\nendstream`;
  const look = (content: string): string =>
    stream(
      '/Type/XObject/Subtype/Form/BBox[0 0 200 40]/Resources<</Font<</F 5 0 R/Z 6 0 R>>>>',
      `q BT ${content} ET Q`,
    );
  const widget = (more: string): string => `<</Type/Annot/Subtype/Widget/F 4${more}>>`;
  const objects = [
    '<</Type/Catalog/Pages 2 0 R/AcroForm<</NeedAppearances true/Fields[7 0 R 9 0 R 12 0 R 13 0 R 15 0 R]/DR<</Font<</F 5 0 R>>>>/DA(/F 12 Tf)>>>>',
    '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    '<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 400]/Resources<</Font<</F 5 0 R>>>>/Contents 4 0 R/Annots[7 0 R 9 0 R 11 0 R 12 0 R 13 0 R 15 0 R 17 0 R]>>',
    stream(
      '',
      'BT /F 12 Tf 20 350 Td (Code word:) Tj 0 -40 Td (Agreed:) Tj 0 -40 Td (Address:) Tj 0 -80 Td (All else stays as it is.) Tj ET',
    ),
    '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
    '<</Type/Font/Subtype/Type1/BaseFont/ZapfDingbats>>',
    widget('/FT/Tx/T(code)/V(Swordfish)/Rect[100 345 300 385]/AP<</N 8 0 R>>'),
    look('/F 12 Tf 2 5 Td (Swordfish) Tj'),
    widget('/FT/Btn/T(agree)/V/Yes/AS/Yes/Rect[100 305 300 345]/AP<</N<</Yes 10 0 R>>>>'),
    look('/Z 12 Tf 2 5 Td (4) Tj'),
    '<</Type/Annot/Subtype/Link/Rect[20 180 100 200]/A<</S/URI/URI(https://example.com)>>>>',
    widget('/FT/Tx/T(bare)/V(Marlin)/Rect[100 100 300 120]'),
    widget('/FT/Tx/T(address)/Rect[100 250 300 290]/AP<</N 14 0 R>>'),
    look('/F 12 Tf 2 20 Td (12 Harbour Street) Tj 0 -14 Td (Oldtown) Tj'),
    `<</Type/Annot/Subtype/Widget/F 2/FT/Tx/T(no)/V(Secret)/Rect[100 20 300 60]/AP<</N 16 0 R>>>>`,
    look('/F 12 Tf 2 5 Td (Secret) Tj'),
    '<</Type/Annot/Subtype/FreeText/F 4/Contents(Approved)/Rect[100 60 300 100]/AP<</N 18 0 R>>>>',
    look('/F 12 Tf 2 5 Td (Approved) Tj'),
  ];
  return Buffer.from(
    `%PDF-1.7\n${objects.map((object, i) => `${i + 1} 0 obj${object}\nendobj\n`).join('')}trailer<</Root 1 0 R>>\n%%EOF`,
    'latin1',
  );
}

describe('what is filled into the fields of a PDF', () => {
  it('stands once behind their labels', async () => {
    const form = await read(formPdf(), 'form.pdf');
    expect(form.text.split(/\n+/)).toEqual([
      'Code word: Swordfish',
      'Agreed: \u2714',
      'Address: 12 Harbour Street',
      'Oldtown',
      'All else stays as it is.',
      'Marlin',
      'Approved',
    ]);
  });
});

describe('text in pictures', () => {
  it('is recognised on every sheet of a fax (TIFF, Group 4), and counted', async () => {
    const fax = fs.readFileSync(path.join(import.meta.dirname, '../samples/fax-g4-two-pages.tiff'));
    const counted: PageCount[] = [];
    const { text, blocks, pages, mime } = await extractBytes(
      fax,
      { fileName: 'fax.tiff', mime: null },
      { ocrLanguages: ['eng'] },
      (count) => counted.push(count),
    );
    expect({ pages, mime }).toEqual({ pages: 2, mime: 'image/tiff' });
    const on = (page: number): string =>
      blocks.flatMap((block) => (block.page === page ? text.slice(block.start, block.end) : [])).join(' ');
    expect(on(1).replace(/\s+/g, ' ')).toBe('The first sheet of the fax names the harbour master');
    expect(on(2).replace(/\s+/g, ' ')).toBe('The second sheet of the fax names the lighthouse keeper');
    expect(counted).toEqual([
      { done: 1, total: 2 },
      { done: 2, total: 2 },
    ]);
    await expect(read(fax, 'fax.tiff')).rejects.toMatchObject({ code: 'document_no_text' });
    await expect(read(fax.subarray(0, 200), 'cut.tiff', ['eng'])).rejects.toMatchObject({
      code: 'document_corrupt',
    });
    // A sheet that says it is 4 gigadots.
    const huge = Buffer.from(fax);
    const width = huge.indexOf(Buffer.from([0x00, 0x01, 0x03, 0x00, 0x01, 0x00, 0x00, 0x00, 0x4c, 0x04]));
    expect(width).toBeGreaterThan(0);
    huge.writeUInt16LE(0xffff, width + 8);
    huge.writeUInt16LE(0xffff, width + 8 + 12);
    await expect(read(huge, 'huge.tiff', ['eng'])).rejects.toMatchObject({ code: 'document_too_large' });
  });

  it('is recognised without any network, on scanned pages and in image files', async () => {
    const lines = ['The harbour master keeps', 'the lantern in the tower'];
    const document = await PdfDocument.open(textPdf(lines));
    const pgm = Buffer.from(document.render(0)!);
    document.close();
    const [, width, height] = /^P5\n(\d+) (\d+)\n255\n/.exec(pgm.subarray(0, 40).toString('latin1'))!;
    const grey = pgm.subarray(pgm.length - Number(width) * Number(height));
    const packed = deflateSync(grey);
    const scan = pdf(
      '<</XObject<</I 5 0 R>>>>',
      'q 595 0 0 842 0 0 cm /I Do Q',
      Buffer.concat([
        Buffer.from(
          `5 0 obj<</Type/XObject/Subtype/Image/Width ${width}/Height ${height}/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/FlateDecode/Length ${packed.length}>>stream\n`,
        ),
        packed,
        Buffer.from('\nendstream endobj\n'),
      ]),
    );
    const scanned = await read(scan, 'scan.pdf', ['eng']);
    expect(scanned.text.replace(/\s+/g, ' ')).toContain(lines.join(' '));
    expect(scanned.blocks.every((block) => block.page === 1)).toBe(true);
    await expect(read(scan, 'scan.pdf')).rejects.toMatchObject({ code: 'document_no_text' });

    const image = await read(pngOf(grey, Number(width), Number(height)), 'photo.png', ['eng']);
    expect(image).toMatchObject({ mime: 'image/png', pages: 1 });
    expect(image.text.replace(/\s+/g, ' ')).toContain(lines.join(' '));
    await expect(read(pngOf(grey, Number(width), Number(height)), 'photo.png')).rejects.toMatchObject({
      code: 'document_no_text',
      detail: expect.stringContaining('switched off'),
    });
    const blank = pngOf(Buffer.alloc(400 * 400, 255), 400, 400);
    await expect(read(blank, 'blank.png', ['eng'])).rejects.toMatchObject({ code: 'document_no_text' });
    await expect(read(blank.subarray(0, 60), 'cut.png', ['eng'])).rejects.toMatchObject({
      code: 'document_corrupt',
    });
  });
});

function pngOf(grey: Buffer, width: number, height: number): Buffer {
  const table = Array.from({ length: 256 }, (_, n) => {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    return c >>> 0;
  });
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    let crc = 0xffffffff;
    for (const byte of body) crc = (table[(crc ^ byte) & 255]! ^ (crc >>> 8)) >>> 0;
    const head = Buffer.alloc(4);
    head.writeUInt32BE(data.length);
    const tail = Buffer.alloc(4);
    tail.writeUInt32BE((crc ^ 0xffffffff) >>> 0);
    return Buffer.concat([head, body, tail]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++) grey.copy(rows, y * (width + 1) + 1, y * width, (y + 1) * width);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
