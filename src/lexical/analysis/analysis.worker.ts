import { crc32 } from 'node:zlib';
import { mergeStored } from './merge-stored.js';
import { readStored } from './read-stored.js';
import { buildSegment, type BuiltSegment } from '../engine/segment/segment-builder.js';
import { analyse } from '../analyser/analyser.js';
import { calledBy, nameTerms, writtenName } from '../analyser/names.js';
import { serve, type Answer } from '../../common/threads/thread-port.js';
import type { LexicalDocument } from '../lexical.types.js';
import {
  INCOMPLETE,
  type AnalysedDocument,
  type AnalysisTask,
  type DocumentParts,
  type EncodedSegment,
} from './analysis.types.js';
import { wholeDocuments } from './document-parts.js';

/** Parts of documents of which the rest is still to come. */
const held = new Map<number, (readonly LexicalDocument[])[]>();

function encode(built: BuiltSegment | undefined): Answer {
  if (built === undefined) return { result: undefined };
  const { bytes, chunks } = built;
  const result: EncodedSegment = { bytes, chunks, checksum: crc32(new Uint8Array(bytes)) };
  return { result, transfer: [bytes] };
}

const terms = (document: LexicalDocument): AnalysedDocument => {
  const { title, name } = calledBy(document);
  return {
    title: analyse(title, document.language),
    name: { written: writtenName(name, document.language), terms: nameTerms(name, document.language) },
    chunks: document.chunks.map((chunk) => ({
      body: analyse(chunk.text, document.language),
      heading: analyse(chunk.headingPath.join('\n'), document.language),
    })),
  };
};

function segment(documents: readonly LexicalDocument[], parts: DocumentParts | undefined): Answer {
  if (parts === undefined) return encode(buildSegment(documents));
  const before = held.get(parts.key) ?? [];
  held.delete(parts.key);
  if (before.length !== parts.before) return { result: INCOMPLETE };
  return encode(buildSegment(wholeDocuments([...before, documents])));
}

const handle = (task: AnalysisTask): Answer => {
  switch (task.kind) {
    case 'part':
      held.set(task.key, [...(held.get(task.key) ?? []), task.documents]);
      return { result: undefined };
    case 'segment':
      return segment(task.documents, task.parts);
    case 'merge':
      return encode(mergeStored(task.segments, task.retired));
    case 'contents':
      return { result: task.segments.map(({ bytes, checksum }) => readStored(bytes, checksum)) };
    default:
      return { result: task.documents.map(terms) };
  }
};

serve(handle);
