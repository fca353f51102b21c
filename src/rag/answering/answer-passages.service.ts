import { Injectable } from '@nestjs/common';
import { DocumentsService } from '../../documents/documents.service.js';
import type { VersionSource } from '../../documents/documents.types.js';
import type { AnswerPassage } from '../answer.types.js';
import { joinNeighbours, type Run } from './neighbours.js';
import type { RetrievedPassage } from '../retrieval.types.js';

/** Of a document's beginning, which says whom and what all of it is about. */
const OPENING = 500;
/** The best documents; of others nobody asks whom they are about. */
const MOST_OPENINGS = 20;

/** Turns what was found into what an answer is made of. */
@Injectable()
export class AnswerPassages {
  constructor(private readonly documents: DocumentsService) {}

  /** Neighbours are one passage, with the words between them as they stand in the document. */
  async of(found: readonly RetrievedPassage[]): Promise<AnswerPassage[]> {
    if (found.length === 0) return [];
    const versions = await this.documents.versions([...new Set(found.map((passage) => passage.version_id))]);
    const runs = joinNeighbours(found, (versionId) => versions.get(versionId)?.pageStarts);
    const joined = runs.filter((run) => run.members.length > 1);
    const closed = withoutOpening(runs).slice(0, MOST_OPENINGS);
    const spans = [
      ...joined.map(({ best, start, end }) => ({ versionId: best.version_id, start, end })),
      ...closed.map((versionId) => ({ versionId, start: 0, end: OPENING })),
    ];
    const slices = spans.length === 0 ? [] : await this.documents.textSlices(spans);
    const openings = new Map(closed.map((id, i) => [id, wholeWords(slices[joined.length + i] ?? '')]));
    const passage = (run: Run, text: string): AnswerPassage => ({
      ...toAnswerPassage(run, text, versions.get(run.best.version_id)),
      opening: openings.get(run.best.version_id),
    });
    const texts = new Map(joined.map((run, i) => [run, slices[i] ?? '']));
    return runs.flatMap((run) => {
      const text = texts.get(run);
      if (text === undefined) return [passage(run, run.best.text)];
      // Replaced and cleaned up a moment ago: each stands for itself, as it was found.
      if (text.length !== run.end - run.start)
        return run.members.map((member) => passage(alone(member), member.text));
      return [passage(run, text)];
    });
  }
}

/** Versions of which no passage has the whole beginning, best first. */
function withoutOpening(runs: readonly Run[]): string[] {
  const opened = new Set(
    runs.filter(({ start, end }) => start === 0 && end >= OPENING).map(({ best }) => best.version_id),
  );
  return [...new Set(runs.map(({ best }) => best.version_id))].filter((id) => !opened.has(id));
}

/** Half a name may be another one. */
const wholeWords = (opening: string): string =>
  opening.length < OPENING ? opening : opening.replace(/\S+$/, '');

const alone = (passage: RetrievedPassage): Run => ({
  best: passage,
  members: [passage],
  start: passage.char_start,
  end: passage.char_end,
});

function toAnswerPassage(
  { best, members, start, end }: Run,
  text: string,
  version: VersionSource | undefined,
): AnswerPassage {
  const distances = members.flatMap((member) => member.distance ?? []);
  return {
    chunkId: best.chunk_id,
    documentId: best.document_id,
    docId: best.external_id,
    title: best.title,
    fileName: version?.fileName ?? undefined,
    page: members[0]!.page,
    pageStarts: version?.pageStarts,
    text,
    headings: best.heading_path,
    language: version?.language ?? undefined,
    charStart: start,
    charEnd: end,
    score: best.score,
    similarity: distances.length > 0 ? 1 - Math.min(...distances) : undefined,
  };
}
