// kill -9 in the middle of adding and uploading, over and over: whatever was acknowledged is there once and found,
// and nothing is left behind that nobody knows. In one process, and as API and worker on a PostgreSQL server.
import { setTimeout as sleep } from 'node:timers/promises';
import {
  checkFound,
  checkNothingLeft,
  checkStored,
  everything,
  untilFull,
  untilReady,
} from './lib/crash/checks.mjs';
import { embedded, separate } from './lib/crash/deployments.mjs';
import { Round } from './lib/crash/round.mjs';
import { migratedEnvironment, withPostgres } from './lib/postgres.mjs';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 20);
/** After the last restart everything that was accepted is ready within this time. */
const READY_LIMIT_MS = 120_000;
/** Between two rounds, what is more than a restart has to catch up with may take longer. */
const CATCH_UP_LIMIT_MS = 300_000;
/** Passages that may be on their way when a round ends: what a restart has to catch up with. */
const MOST_OUTSTANDING = 2000;
const READER = 'reader';

/** Requests until the pieces are killed; what hits the reader alone must not be noticed by anybody. */
async function disturb(deployment, round, victims) {
  const client = await deployment.client();
  const sending = Promise.all([round.add(client), round.upload(client)]);
  await Promise.race([round.firstAcknowledged, sending]);
  await Promise.race([sleep(200 + Math.random() * 1500), sending]);
  let readers = 0;
  if (victims.includes(READER)) readers = (await deployment.killReader()) ? 1 : 0;
  const pieces = victims.filter((victim) => victim !== READER);
  // Only the one that answers requests may have them fail.
  round.over = true;
  await deployment.kill(pieces);
  await sending;
  await deployment.start(pieces);
  return readers;
}

/** @param turns lists of what is killed, round by round */
async function survive(context, deployment, { turns, model, mend, label }) {
  const rounds = [];
  let readers = 0;
  await deployment.start();
  for (let number = 1; number <= ROUNDS; number++) {
    context.status.show(`${label}: round ${number}`, turns[number % turns.length].join(', '));
    const round = new Round(number);
    rounds.push(round);
    readers += await disturb(deployment, round, turns[number % turns.length]);
    const client = await deployment.client();
    checkStored(rounds, await everything(client));
    // Texts are found by words from their answer on; files once they were read.
    await checkFound(
      client,
      round,
      round.acknowledged.filter((batch) => batch.length > 1),
    );
    const { index } = await client.get('/admin/dashboard');
    if (index.waiting > MOST_OUTSTANDING) await untilReady(client, context.report, CATCH_UP_LIMIT_MS);
    // Starting anew without having ended in order, and with it.
    if (number % 4 === 0) await deployment.stop();
    else if (number % 4 === 2) await deployment.kill();
    if (number % 2 === 0) await deployment.start();
  }
  const client = await deployment.client();
  const seconds = await untilReady(client, context.report, READY_LIMIT_MS);
  if (model) await untilFull(client, context.report);
  await checkNothingLeft(deployment.dataDir, client, context.report, { mend });
  checkStored(rounds, await everything(client));
  for (const round of rounds) await checkFound(client, round);
  const acknowledged = rounds.reduce((sum, round) => sum + round.acknowledged.flat().length, 0);
  return [
    { figure: `${label}: rounds of kill -9 survived`, value: rounds.length, wanted: { min: ROUNDS } },
    { figure: `${label}: acknowledged documents, each there once and found`, value: acknowledged },
    { figure: `${label}: readers of files killed on their own`, value: readers },
    {
      figure: `${label}: all ready after the last restart`,
      value: seconds,
      unit: 's',
      wanted: { max: READY_LIMIT_MS / 1000 },
    },
  ];
}

export async function run(context) {
  const model = process.env.BENCH_MODEL !== 'off';
  const only = process.env.BENCH_DEPLOYMENT;
  const rows = [];
  if (only !== 'separate')
    rows.push(
      ...(await embedded(context, model, (deployment) =>
        survive(context, deployment, {
          label: 'one process',
          turns: [['server'], ['server'], [READER, 'server']],
          model,
          mend: false,
        }),
      )),
    );
  if (only === 'embedded') return rows;
  const onServer = await withPostgres((databaseUrl) => {
    // Bytes of an upload that was cut off count as such after this time.
    const env = { ...migratedEnvironment(databaseUrl), RECONCILE_GRACE: '5s' };
    return separate(context, model, env, (deployment) =>
      survive(context, deployment, {
        label: 'API and worker',
        turns: [['api'], ['worker'], ['api', 'worker'], [READER]],
        model,
        mend: true,
      }),
    );
  });
  rows.push(
    ...(onServer ?? [{ figure: 'API and worker', value: 'not run: POSTGRES_BIN or BENCH_DATABASE_URL' }]),
  );
  return rows;
}
