import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { strToU8, zipSync } from 'fflate';
import type { Settings } from '../../src/config/settings.js';
import { DOCUMENT_ERRORS } from '../../src/common/errors/error-table.js';
import { Extractor } from '../../src/ingestion/extract/extractor.service.js';
import { zipOf } from '../support/archives.js';
import { damaged } from '../support/damage.js';
import { describeWithShared, sharedDir } from '../support/shared.js';

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'hostile-spec-'));
const extractor = new Extractor({
  extractTimeout: 240,
  extractMemory: 1024 ** 3,
  extractProcesses: 1,
  ocr: false,
  ocrLanguages: [],
} as unknown as Settings);
afterAll(() => {
  extractor.onModuleDestroy();
  fs.rmSync(scratch, { recursive: true, force: true });
});

async function outcome(fileName: string, content: Uint8Array): Promise<string> {
  const file = path.join(scratch, 'input');
  fs.writeFileSync(file, content);
  const folder = path.join(scratch, 'parts');
  const result = await extractor.extract({ path: file, fileName, mime: '', folder });
  fs.rmSync(folder, { recursive: true, force: true });
  return result.ok ? 'read' : result.failure.code;
}

const W = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main';
const REL = 'http://schemas.openxmlformats.org/package/2006/relationships';
const docx = (body: string, more: Record<string, Uint8Array> = {}): Uint8Array =>
  zipSync(
    {
      '[Content_Types].xml': strToU8(
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
      ),
      '_rels/.rels': strToU8(
        `<Relationships xmlns="${REL}"><Relationship Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`,
      ),
      'word/document.xml': strToU8(body),
      ...more,
    },
    { level: 1 },
  );
const paragraphs = (inner: string): string =>
  `<w:document xmlns:w="${W}"><w:body>${inner}</w:body></w:document>`;
const words = (text: string): string => `<w:p><w:r><w:t>${text}</w:t></w:r></w:p>`;

describe('hostile files', () => {
  it('that inflate, nest or multiply are refused', async () => {
    const zeros = new Uint8Array(300 * 1024 * 1024);
    expect(await outcome('bomb.docx', docx(paragraphs(words('x')), { 'word/media/a.bin': zeros }))).toBe(
      'document_too_large',
    );
    // Within the limit of bytes, but smaller by a thousand times.
    expect(await outcome('ratio.zip', zipSync({ 'a.txt': zeros.subarray(0, 100 * 1024 * 1024) }))).toBe(
      'document_too_large',
    );
    const tables = `${'<w:tbl><w:tr><w:tc>'.repeat(3000)}${words('deep')}${'</w:tc></w:tr></w:tbl>'.repeat(3000)}`;
    expect(await outcome('tables.docx', docx(paragraphs(tables)))).toMatch(/^(?:read|document_too_large)$/);
    const many = zipSync(
      Object.fromEntries(
        Array.from({ length: 10_001 }, (_, i) => [`${i}.txt`, [Uint8Array.of(97), { level: 0 }]]),
      ),
    );
    expect(await outcome('many.docx', many)).toBe('document_corrupt');
    expect(await outcome('many.zip', many)).toBe('document_too_large');
  });

  it('that refer to others get nothing of them', async () => {
    const file = path.join(scratch, 'secret.txt');
    fs.writeFileSync(file, 'topsecret');
    const entity = `<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file://${file}"><!ENTITY a "ha"><!ENTITY b "${'&a;'.repeat(1000)}"><!ENTITY c "${'&b;'.repeat(1000)}"><!ENTITY e "${'&c;'.repeat(1000)}">]>`;
    const body = paragraphs(`${words('Plain words.')}${words('&x;&e;')}`);
    for (const [name, content] of [
      ['entity.docx', docx(entity + body)],
      ['entity.xml', Buffer.from(`${entity}<d><p>Plain words.</p><q>&x;&e;</q></d>`)],
    ] as const) {
      fs.writeFileSync(path.join(scratch, 'input'), content);
      const result = await extractor.extract({ path: path.join(scratch, 'input'), fileName: name, mime: '' });
      expect(JSON.stringify(result)).not.toMatch(/topsecret|hahaha/);
    }
  });

  it('that share or lie about what is in an archive are refused', async () => {
    const honest = Buffer.from(
      zipOf({ 'a.txt': 'A long enough text to be compressed. '.repeat(50), 'b.txt': 'b' }),
    );
    // The directory says that the first file is one byte long.
    const lying = Buffer.from(honest);
    const directory = lying.indexOf(Buffer.from('504b0102', 'hex'));
    lying.writeUInt32LE(1, directory + 24);
    expect(await outcome('lying.zip', lying)).toBe('document_corrupt');
    // Both entries point at the same bytes.
    const sharing = Buffer.from(honest);
    const second = sharing.indexOf(Buffer.from('504b0102', 'hex'), directory + 4);
    sharing.writeUInt32LE(0, second + 42);
    expect(await outcome('sharing.zip', sharing)).toBe('document_corrupt');
    const locked = Buffer.from(honest);
    locked.writeUInt16LE(locked.readUInt16LE(directory + 8) | 1, directory + 8);
    expect(await outcome('locked.zip', locked)).toBe('document_encrypted');
  });
});

describeWithShared('damaged files', ['files'], () => {
  const root = path.join(sharedDir, 'files');

  it('end with a text or a reason, and harm nobody after them', async () => {
    const names = fs
      .readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.\w+$/.test(name) && fs.statSync(path.join(root, name)).isFile())
      .filter((name) => fs.statSync(path.join(root, name)).size < 500_000)
      .toSorted();
    const formats = [...Map.groupBy(names, (name) => path.extname(name)).values()];
    const known = new Set(['read', ...Object.keys(DOCUMENT_ERRORS)]);
    const outcomes: string[] = [];
    for (let i = 0; i < 60; i++) {
      const list = formats[i % formats.length]!;
      const name = list[Math.floor(i / formats.length) % list.length]!;
      const bytes = damaged(fs.readFileSync(path.join(root, name)), 7_000_000 + i);
      const got = await outcome(path.basename(name), bytes);
      if (!known.has(got) || got === 'document_failed') outcomes.push(`${name} ${i}: ${got}`);
    }
    expect(outcomes).toEqual([]);
    expect(await outcome('fine.txt', Buffer.from('Fine.'))).toBe('read');
  });
});
