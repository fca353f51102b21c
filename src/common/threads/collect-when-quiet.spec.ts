import { jest } from '@jest/globals';
import { collectWhenQuiet } from './collect-when-quiet.js';

describe('memory of a quiet thread', () => {
  const collect = jest.fn();
  const before = globalThis.gc;

  beforeEach(() => {
    jest.useFakeTimers();
    collect.mockReset();
    globalThis.gc = collect as unknown as typeof globalThis.gc;
  });

  afterEach(() => {
    jest.useRealTimers();
    globalThis.gc = before;
  });

  test('is given back once after each time of work, and never during it', () => {
    const touched = collectWhenQuiet(1000);
    for (let i = 0; i < 5; i++) {
      jest.advanceTimersByTime(900);
      touched();
    }
    expect(collect).not.toHaveBeenCalled();
    jest.advanceTimersByTime(10_000);
    expect(collect).toHaveBeenCalledTimes(1);
    touched();
    jest.advanceTimersByTime(10_000);
    expect(collect).toHaveBeenCalledTimes(2);
  });

  test('is left alone where the collector cannot be called', () => {
    globalThis.gc = undefined;
    const touched = collectWhenQuiet(1000);
    touched();
    expect(jest.getTimerCount()).toBe(0);
  });
});
