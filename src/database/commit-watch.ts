import type { EntitySubscriberInterface } from 'typeorm';

/**
 * Tells a reader whether anything can have been committed since it last read. Only this process can know, and only
 * where no other one writes to the database: the embedded one.
 */
export class CommitWatch implements EntitySubscriberInterface {
  private commits = 0;

  constructor(private readonly sole: boolean) {}

  /** Changes with every transaction that was committed, before whoever ran it goes on. */
  afterTransactionCommit(): void {
    this.commits++;
  }

  /** Two equal marks: no transaction was committed between them. Undefined where others may have. */
  get mark(): number | undefined {
    return this.sole ? this.commits : undefined;
  }
}
