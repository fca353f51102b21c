import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppError } from '../../common/errors/app-error.js';
import { Together } from '../../common/resilience/together.js';
import type { Transaction } from '../../database/transaction.types.js';
import { Transactions } from '../../database/transactions.js';
import type { StoredFile } from '../../storage/storage.types.js';
import {
  AcceptedFilesRepository,
  type FileDraft,
  type SameContent,
  type WantedFile,
} from './accepted-files.repository.js';
import { DocumentVersionsRepository } from '../versions/document-versions.repository.js';
import type { Metadata } from '../documents.types.js';
import { QuotasService } from '../quotas.service.js';
import { ReadingService } from '../versions/reading.service.js';

/** A stored file that wants to be a document. */
export interface Candidate {
  name: string | null;
  mime: string;
  stored: StoredFile;
  /** Both used where there is no document of this external id yet. */
  documentId: string;
  externalId: string;
}

/** Files of one request, which become documents all or none. */
export interface Offer {
  userId: string;
  collectionId: string;
  candidates: readonly Candidate[];
  /** What the caller called the document, where it did. */
  namedAs: string | undefined;
  metadata: Metadata | undefined;
  /** Stores content again that the collection has. */
  allowDuplicate: boolean;
}

export interface AcceptedFile {
  id: string;
  /** The document that has this content already; nothing was stored then. */
  duplicateOf: string | null;
  /** A file that waited to be read and never will be. */
  overtaken: string | null;
  /** Whether its bytes are the document's. */
  mine: boolean;
  /** Where those of the document are. */
  fileKey: string;
  /** The version that waits to be read now. */
  toRead: string | undefined;
}

interface Entry {
  offer: Offer;
  candidate: Candidate;
}

type Outcome = { accepted: AcceptedFile[] } | { error: unknown };

/** Offers that share a transaction: in the embedded database everybody else waits for its end. */
const MOST_OFFERS = 3;

/**
 * Makes documents of stored files. Offers of one user to one collection that come while others are being accepted
 * share the next transaction: most of what it does is done once for all of them.
 */
@Injectable()
export class DocumentAcceptance {
  private readonly lines = new Map<string, Together<Offer, Outcome>>();

  constructor(
    private readonly files: AcceptedFilesRepository,
    private readonly versions: DocumentVersionsRepository,
    private readonly quotas: QuotasService,
    private readonly transactions: Transactions,
    private readonly reading: ReadingService,
  ) {}

  /** Durable when it resolves. @returns one for each candidate, in order */
  async accept(offer: Offer): Promise<AcceptedFile[]> {
    const key = `${offer.userId} ${offer.collectionId}`;
    const line = this.lines.get(key) ?? new Together((offers) => this.settle(offers), MOST_OFFERS);
    this.lines.set(key, line);
    const outcome = await line.run(offer);
    if (line.idle && this.lines.get(key) === line) this.lines.delete(key);
    if ('error' in outcome) throw outcome.error;
    return outcome.accepted;
  }

  /** Whether documents may own the files of an offer that failed with this: it is not known what became of it. */
  mayHaveAccepted(error: unknown): boolean {
    return this.transactions.mayBeCommitted(error);
  }

  /** All in one transaction; where that fails each in its own, so that it concerns nobody else. */
  private async settle(offers: readonly Offer[]): Promise<Outcome[]> {
    let lost: unknown;
    try {
      return (await this.write(offers)).map((accepted) => ({ accepted }));
    } catch (error) {
      if (offers.length === 1) return [{ error }];
      if (this.mayHaveAccepted(error)) lost = error;
    }
    const outcomes: Outcome[] = [];
    for (const offer of offers) {
      const [outcome] = (await this.settle([offer])) as [Outcome];
      // A refusal of our own comes after a look at what is there: only that says that the first time came to nothing.
      const unknown = lost !== undefined && 'error' in outcome && !(outcome.error instanceof AppError);
      outcomes.push(unknown ? { error: lost } : outcome);
    }
    return outcomes;
  }

  private write(offers: readonly Offer[]): Promise<AcceptedFile[][]> {
    const [{ userId, collectionId }] = offers as [Offer];
    const entries = offers.flatMap((offer) => offer.candidates.map((candidate) => ({ offer, candidate })));
    return this.transactions.run(async (tx) => {
      await this.files.lock(
        tx,
        collectionId,
        entries.map(({ candidate }) => candidate.stored.sha256),
      );
      const done = new Map<Candidate, AcceptedFile>();
      for (const round of rounds(entries))
        for (const [candidate, accepted] of await this.writeRound(tx, round)) done.set(candidate, accepted);
      const accepted = offers.map(({ candidates }) => candidates.map((each) => done.get(each)!));
      const waiting = accepted.flat().flatMap(({ toRead }) => toRead ?? []);
      await this.reading.lineUp(tx, userId, waiting);
      // What was there already takes no room, whatever the quota was when it came.
      if (waiting.length > 0) await this.quotas.enforceAll(tx, userId);
      return accepted;
    });
  }

  private async writeRound(tx: Transaction, round: readonly Entry[]): Promise<[Candidate, AcceptedFile][]> {
    const [{ offer }] = round as [Entry];
    const same = await this.files.findSame(tx, offer.collectionId, round.map(wanted));
    const fresh = round
      .filter((_entry, i) => !same[i])
      .map(({ candidate, offer: { metadata } }) => ({ candidate, draft: draftOf(candidate, metadata) }));
    const done: [Candidate, AcceptedFile][] = [];
    for (const [i, { candidate }] of round.entries()) {
      const found = same[i];
      if (found) done.push([candidate, await this.recognise(tx, offer.userId, candidate, found)]);
    }
    if (fresh.length === 0) return done;
    const drafts = fresh.map(({ draft }) => draft);
    const added = await this.files.add(tx, offer.collectionId, offer.userId, drafts);
    for (const [i, { candidate, draft }] of fresh.entries()) {
      const { documentId: id, overtakenVersionId: overtaken } = added[i]!;
      done.push([
        candidate,
        { id, duplicateOf: null, mine: true, fileKey: draft.fileKey, toRead: draft.versionId, overtaken },
      ]);
    }
    if (added.some(({ overtakenVersionId }) => overtakenVersionId)) await this.reading.removeOvertaken(tx);
    return done;
  }

  /**
   * Content that the collection has. Where reading it had failed it is read again, from these bytes: its own may be gone. Those
   * that nobody needs any more are found when files and documents are compared.
   */
  private async recognise(
    tx: Transaction,
    userId: string,
    candidate: Candidate,
    { id, status, file_key }: SameContent,
  ): Promise<AcceptedFile> {
    const { key } = candidate.stored;
    // It was accepted before, and the answer to that was lost.
    const before = file_key === key;
    const isFailed = status === 'failed';
    const mine = before || (isFailed && (await this.versions.replaceFile(tx, id, file_key, key)));
    const again = isFailed ? await this.versions.requeue(tx, id, userId) : undefined;
    return {
      id,
      duplicateOf: before || id === candidate.documentId ? null : id,
      mine,
      fileKey: mine ? key : file_key,
      toRead: again?.versionId,
      overtaken: null,
    };
  }
}

const wanted = ({ candidate, offer }: Entry): WantedFile => ({
  ...candidate,
  ...candidate.stored,
  namedAs: offer.namedAs,
  metadata: offer.metadata,
  // The same request again, after its first answer was lost, draws the same id and finds its own document.
  ownOnly: offer.allowDuplicate,
});

const draftOf = ({ name, stored, ...rest }: Candidate, metadata: Metadata = {}): FileDraft => ({
  ...rest,
  versionId: randomUUID(),
  fileName: name,
  bytes: stored.bytes,
  sha256: stored.sha256,
  fileKey: stored.key,
  metadata,
});

/** One statement does not see what it writes: what may be the same as something before it comes in a later round. */
function rounds(entries: readonly Entry[]): Entry[][] {
  const result: { entries: Entry[]; keys: Set<string> }[] = [];
  for (const entry of entries) {
    const { externalId, stored } = entry.candidate;
    const keys = [`id ${externalId}`, `content ${stored.sha256.toString('hex')}`];
    const last = result.findLastIndex((round) => keys.some((key) => round.keys.has(key)));
    const round = (result[last + 1] ??= { entries: [], keys: new Set() });
    round.entries.push(entry);
    for (const key of keys) round.keys.add(key);
  }
  return result.map((round) => round.entries);
}
