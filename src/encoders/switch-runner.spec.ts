import { Logger } from '@nestjs/common';
import { jest } from '@jest/globals';
import { SwitchOver } from './switch-over.js';
import { SwitchRunner } from './switch-runner.service.js';

type Work = (data: object, context: { signal: AbortSignal }) => Promise<void>;

describe('a change of the encoder that is cancelled while it is worked on', () => {
  afterEach(() => jest.restoreAllMocks());

  it('ends without a warning, and is not begun again', async () => {
    const warned = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    let work: Work = () => Promise.reject(new Error('not defined'));
    const nothing = (): Promise<void> => Promise.resolve();
    const steps = {
      run: jest.fn(() => Promise.reject(new SwitchOver())),
      dropRetired: jest.fn(nothing),
    };
    const switches = {
      lease: () => Promise.resolve({ id: 'a change' }),
      extend: () => Promise.resolve(true),
      release: nothing,
      tell: jest.fn(nothing),
    };
    const jobs = { define: ({ run }: { run: Work }) => (work = run) };
    const runner = new SwitchRunner(
      switches as never,
      steps as never,
      { look: nothing } as never,
      {} as never,
      jobs as never,
      {} as never,
    );
    await work({}, { signal: new AbortController().signal });
    await runner.onModuleDestroy();
    expect(steps.run).toHaveBeenCalledTimes(1);
    expect(steps.dropRetired).toHaveBeenCalledTimes(1);
    expect(warned).not.toHaveBeenCalled();
    expect(switches.tell).not.toHaveBeenCalled();
  });
});
