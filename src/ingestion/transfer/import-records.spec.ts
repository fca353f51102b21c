import { describe, expect, it } from '@jest/globals';
import { readRecord } from './import-records.js';

const head = (changes: Record<string, unknown>): unknown => {
  const record = {
    type: 'document',
    doc_id: 'd',
    mime: 'text/plain',
    metadata: {},
    chunks: 0,
    original: 'text',
  };
  return readRecord(2, JSON.stringify({ ...record, sha256: '0'.repeat(64), ...changes }));
};

describe('readRecord', () => {
  it('cleans the name of a file as an upload does', () => {
    expect(head({ file_name: '../../etc/\r\nx\u0001.txt' })).toMatchObject({ head: { file_name: 'x.txt' } });
    expect(head({ file_name: '\r\n' })).toMatchObject({ head: { file_name: null } });
    expect(head({ file_name: null })).toMatchObject({ head: { file_name: null } });
  });

  it('keeps a media type, and no other words in its place', () => {
    for (const mime of [
      'text/plain',
      'application/vnd.ms-excel',
      'image/svg+xml',
      'text/plain; charset="utf-8"',
    ])
      expect(head({ mime })).toMatchObject({ head: { mime } });
    for (const mime of ['text/html\r\nX: y', 'text', '', 'a/b c', 'text/html; a=\r\nX: y'])
      expect(head({ mime })).toMatchObject({ head: { mime: 'application/octet-stream' } });
    expect(() => head({ mime: null })).toThrow('has no usable mime');
  });

  it('takes where pages begin, in the order of the text, or nothing', () => {
    const starts = (text: string): unknown => JSON.parse(`[${text}]`);
    for (const page_starts of ['', '[1, 0]', '[2, 0], [null, 5], [3, 9]'].map(starts))
      expect(head({ page_starts })).toMatchObject({ head: { page_starts } });
    for (const page_starts of [null, undefined])
      expect(head({ page_starts })).toMatchObject({ head: { page_starts: null } });
    for (const odd of ['1', '[1]', '[1, 2, 3]', '[1, -1]', '["1", 0]', '[1, 0.5]', '[1, 9], [2, 9]'])
      expect(() => head({ page_starts: starts(odd) })).toThrow('has no usable page_starts');
    expect(() => head({ page_starts: 1 })).toThrow('has no usable page_starts');
    const many = Array.from({ length: 20_001 }, (_, i) => [i, i]);
    expect(() => head({ page_starts: many })).toThrow('has no usable page_starts');
  });
});
