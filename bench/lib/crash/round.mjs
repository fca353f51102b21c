// Documents that can be told apart, sent until somebody pulls the plug.
const BATCH = 16;
const LANES = 2;
const CONSONANTS = 'bcdfghjklmnpqrtvwxz';

/** A word that nothing else holds and no stemmer changes. */
export function word(number) {
  let rest = number;
  let letters = '';
  for (let i = 0; i < 6; i++) {
    letters += CONSONANTS[rest % CONSONANTS.length];
    rest = Math.floor(rest / CONSONANTS.length);
  }
  return `zq${letters}`;
}

/** What is sent in one round, by several lanes at once, and what of it was acknowledged. */
export class Round {
  /** Batches as lists of doc_id: what was sent, and what of it was acknowledged. */
  sent = [];
  acknowledged = [];
  /** The server is about to be killed, or the round to end: requests may fail from here on, and no new ones come. */
  over = false;
  files = 0;
  #noteFirst;
  firstAcknowledged = new Promise((resolve) => {
    this.#noteFirst = resolve;
  });

  constructor(number) {
    this.number = number;
  }

  batch() {
    const from = this.sent.length * BATCH;
    const documents = Array.from({ length: BATCH }, (_, i) => ({
      doc_id: `r${this.number}-${from + i}`,
      title: `Record ${from + i}`,
      text: `The mark of this record is ${word(this.number * 1e6 + from + i)}. It was written while others were.`,
    }));
    const ids = documents.map(({ doc_id }) => doc_id);
    this.sent.push(ids);
    return { documents, ids };
  }

  /** One file; its content is its own, so it is not taken for another. */
  file() {
    const number = 500_000 + this.files++;
    const doc_id = `r${this.number}-${number}`;
    const text = `# Record ${number}\n\nThe mark of this record is ${word(this.number * 1e6 + number)}. It came as a file.\n`;
    this.sent.push([doc_id]);
    return { doc_id, text };
  }

  async upload(client) {
    const lane = async () => {
      while (!this.over) {
        const { doc_id, text } = this.file();
        try {
          await client.upload(new Blob([text]), `${doc_id}.md`, doc_id);
          this.acknowledged.push([doc_id]);
          this.#noteFirst();
        } catch (error) {
          if (!this.over) throw error;
        }
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  }

  async add(client) {
    const lane = async () => {
      while (!this.over) {
        const { documents, ids } = this.batch();
        try {
          await client.addDocuments(documents);
          this.acknowledged.push(ids);
          this.#noteFirst();
        } catch (error) {
          // Until the kill, nothing may fail; after it, an open request ends without an answer.
          if (!this.over) throw error;
        }
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  }
}
