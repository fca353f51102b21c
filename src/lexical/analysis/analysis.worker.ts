import { crc32 } from 'node:zlib';
import { mergeStored } from '../engine/merge-stored.js';
import { readStored } from '../engine/read-stored.js';
import { buildSegment, type BuiltSegment } from '../engine/segment-builder.js';
import { analyse } from '../analyser/analyser.js';
import { calledBy, nameTerms, writtenName } from '../analyser/names.js';
import { serve, type Answer } from '../../common/threads/thread-port.js';
import type { LexicalDocument } from '../lexical.types.js';
import type { AnalysedDocument, AnalysisTask, EncodedSegment } from './analysis.types.js';

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

const handle = (task: AnalysisTask): Answer => {
  switch (task.kind) {
    case 'segment':
      return encode(buildSegment(task.documents));
    case 'merge':
      return encode(mergeStored(task.segments, task.retired));
    case 'contents':
      return { result: task.segments.map(({ bytes, checksum }) => readStored(bytes, checksum)) };
    default:
      return { result: task.documents.map(terms) };
  }
};

serve(handle);
