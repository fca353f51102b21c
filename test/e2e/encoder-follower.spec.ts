import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { CommitWatch } from '../../src/database/commit-watch.js';
import { Transactions } from '../../src/database/transactions.js';
import { EncoderSwitchesRepository } from '../../src/encoders/encoder-switches.repository.js';
import { startTestApp, type TestApp } from '../support/app.js';

describe('an embedded server at rest', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app?.close());

  it('looks for a change of the encoder only after it has written something', async () => {
    const watch = app.app.get(CommitWatch, { strict: false });
    const looks = jest.spyOn(app.app.get(EncoderSwitchesRepository, { strict: false }), 'open');
    const quiet = async (milliseconds: number): Promise<boolean> => {
      const { mark } = watch;
      await sleep(milliseconds);
      return mark === watch.mark;
    };
    for (const until = Date.now() + 90_000; ;) {
      if (Date.now() > until) throw new Error('something is written all the time');
      if (!(await quiet(2000))) continue;
      looks.mockClear();
      if (await quiet(3000)) break;
    }
    expect(looks).not.toHaveBeenCalled();

    await app.app.get(Transactions, { strict: false }).run((tx) => tx.query('select 1'));
    for (const until = Date.now() + 30_000; looks.mock.calls.length === 0; await sleep(100))
      if (Date.now() > until) throw new Error('nobody looked');
  }, 150_000);
});
