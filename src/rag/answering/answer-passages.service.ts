import { Injectable } from '@nestjs/common';
import { DocumentsService } from '../../documents/documents.service.js';
import type { VersionSource } from '../../documents/documents.types.js';
import type { AnswerPassage } from '../answer.types.js';
import { joinNeighbours, type Run } from './neighbours.js';
import type { RetrievedPassage } from '../retrieval.types.js';

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
    const slices =
      joined.length === 0
        ? []
        : await this.documents.textSlices(
            joined.map(({ best, start, end }) => ({ versionId: best.version_id, start, end })),
          );
    const passage = (run: Run, text: string): AnswerPassage =>
      toAnswerPassage(run, text, versions.get(run.best.version_id));
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
