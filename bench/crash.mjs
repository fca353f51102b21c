// kill -9 in the middle of adding, over and over: whatever was acknowledged is there once and found.
import { setTimeout as sleep } from 'node:timers/promises';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const BATCH = 16;
const LANES = 2;
const FULL_LIMIT_MS = 180_000;
const CONSONANTS = 'bcdfghjklmnpqrtvwxz';

/** A word that nothing else holds and no stemmer changes. */
function word(number) {
  let rest = number;
  let letters = '';
  for (let i = 0; i < 6; i++) {
    letters += CONSONANTS[rest % CONSONANTS.length];
    rest = Math.floor(rest / CONSONANTS.length);
  }
  return `zq${letters}`;
}

class Round {
  /** Batches as lists of doc_id: what was sent, and what of it was acknowledged. */
  sent = [];
  acknowledged = [];
  killed = false;
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

  async add(client) {
    const lane = async () => {
      while (!this.killed) {
        const { documents, ids } = this.batch();
        try {
          await client.addDocuments(documents);
          this.acknowledged.push(ids);
          this.#noteFirst();
        } catch (error) {
          // Until the kill, nothing may fail; after it, an open request ends without an answer.
          if (!this.killed) throw error;
        }
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  }
}

async function everything(client) {
  const items = [];
  let cursor;
  do {
    const page = await client.documents({ limit: '200', ...(cursor && { cursor }) });
    items.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor);
  return items;
}

function checkStored(rounds, items) {
  const count = new Map();
  for (const { doc_id } of items) count.set(doc_id, (count.get(doc_id) ?? 0) + 1);
  const twice = [...count].find(([, times]) => times > 1);
  if (twice) throw new Error(`${twice[0]} is there ${twice[1]} times`);
  for (const round of rounds) {
    const lost = round.acknowledged.flat().find((id) => !count.has(id));
    if (lost) throw new Error(`${lost} was acknowledged and is lost`);
    const torn = round.sent.find(
      (ids) => ids.some((id) => count.has(id)) && !ids.every((id) => count.has(id)),
    );
    if (torn) throw new Error(`of the batch that begins with ${torn[0]} only a part is there`);
  }
}

/** By its own word as soon as the server is back, without waiting for vectors. */
async function checkFound(client, round) {
  for (const id of round.acknowledged.flat()) {
    const number = Number(id.split('-')[1]);
    const query = `Where is the mark ${word(round.number * 1e6 + number)}?`;
    const { results } = await client.query({ query, mode: 'lexical', n_results: 1 });
    if (results[0]?.id !== id) throw new Error(`${id} was acknowledged and is not found`);
  }
}

async function untilFull(client, report) {
  const limit = performance.now() + FULL_LIMIT_MS;
  for (;;) {
    const items = await everything(client);
    const done = items.filter(({ indexed }) => indexed === 'full').length;
    report('vectors', `${done} of ${items.length}`);
    if (done === items.length) return;
    if (performance.now() > limit) throw new Error(`${items.length - done} documents got no vectors`);
    await sleep(500);
  }
}

export async function run(context) {
  const model = process.env.BENCH_MODEL !== 'off';
  const rounds = [];
  await context.withDataDir({ model }, async (server) => {
    for (let number = 1; number <= ROUNDS; number++) {
      context.status.show(`round ${number}`);
      await server.start();
      const round = new Round(number);
      rounds.push(round);
      const adding = round.add(await server.client());
      await Promise.race([round.firstAcknowledged, adding]);
      await Promise.race([sleep(200 + Math.random() * 1500), adding]);
      round.killed = true;
      await server.kill();
      await adding;
      await server.start();
      const client = await server.client();
      checkStored(rounds, await everything(client));
      await checkFound(client, round);
      await server.stop();
    }
    await server.start();
    const client = await server.client();
    if (model) await untilFull(client, context.report);
    checkStored(rounds, await everything(client));
    for (const round of rounds) await checkFound(client, round);
  });
  const acknowledged = rounds.reduce((sum, round) => sum + round.acknowledged.length * BATCH, 0);
  return [
    { figure: 'rounds of kill -9 survived', value: rounds.length, wanted: { min: ROUNDS } },
    { figure: 'acknowledged documents, each there once and found', value: acknowledged },
  ];
}
