import { analyse, analysisLanguage } from '../../analyser/analyser.js';
import { calledBy, nameTerms, writtenName } from '../../analyser/names.js';
import type { LexicalDocument } from '../../lexical.types.js';
import { uuidBytes } from '../../../common/search/uuid-bytes.js';
import { pairNumbers } from './pairs.js';
import { SegmentWriter } from './segment-writer.js';

interface TermPostings {
  name: number[];
  body: number[];
  heading: number[];
  title: number[];
}

type Field = keyof TermPostings;

/** Analyses documents into one segment; `undefined` when none of them has a chunk. */
export function buildSegment(documents: readonly LexicalDocument[]): BuiltSegment | undefined {
  const writer = new SegmentWriter();
  const postings = new Map<string, TermPostings>();
  const languages = new Set<string>();

  const add = (field: Field, ordinal: number, terms: readonly string[]): void => {
    for (const term of terms) {
      let lists = postings.get(term);
      if (lists === undefined) {
        lists = { name: [], body: [], heading: [], title: [] };
        postings.set(term, lists);
      }
      const list = lists[field];
      if (list[list.length - 2] === ordinal) list[list.length - 1]!++;
      else list.push(ordinal, 1);
    }
  };

  for (const document of documents) {
    if (document.chunks.length === 0) continue;
    const { language } = document;
    const called = calledBy(document);
    const title = analyse(called.title, language);
    const name = writtenName(called.name, language);
    languages.add(analysisLanguage(document.language));
    add('title', writer.documents, title);
    if (called.name !== '') add('name', writer.documents, nameTerms(called.name, language));
    writer.addDocument({
      documentId: required(document.documentId),
      versionId: required(document.versionId),
      collectionId: required(document.collectionId),
      titleLength: title.length,
      nameLength: name.length,
      headPairs: joined(pairNumbers(title), pairNumbers(name)),
    });
    for (const chunk of document.chunks) {
      const body = analyse(chunk.text, document.language);
      const heading = analyse(chunk.headingPath.join('\n'), document.language);
      add('body', writer.chunks, body);
      add('heading', writer.chunks, heading);
      writer.addChunk({
        id: required(chunk.chunkId),
        bodyLength: body.length,
        headingLength: heading.length,
        pairs: pairNumbers(body),
      });
    }
  }
  if (writer.chunks === 0) return undefined;
  const sorted = [...postings].map(([term, lists]) => ({ bytes: Buffer.from(term, 'utf8'), lists }));
  sorted.sort((a, b) => Buffer.compare(a.bytes, b.bytes));
  for (const { bytes, lists } of sorted) writer.addTerm(bytes, lists);
  return { bytes: writer.finish(languages), chunks: writer.chunks };
}

export interface BuiltSegment {
  bytes: ArrayBuffer;
  chunks: number;
}

function joined(a: Uint16Array, b: Uint16Array): Uint16Array {
  const both = new Uint16Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function required(uuid: string): Uint8Array {
  const bytes = uuidBytes(uuid);
  if (bytes === undefined) throw new Error(`not a UUID: ${uuid}`);
  return bytes;
}
