import { GrowingPause } from './growing-pause.js';

/** Milliseconds from `now` until it is over. */
function left(pause: GrowingPause, now: number): number {
  let ms = 0;
  while (!pause.isOver(now + ms)) ms++;
  return ms;
}

describe('a growing pause', () => {
  it('grows with each failure after its end, up to a limit', () => {
    const pause = new GrowingPause(5, 60);
    const lengths: number[] = [];
    for (let now = 1000, i = 0; i < 6; i++) {
      pause.failed(now);
      lengths.push(left(pause, now));
      now += left(pause, now);
    }
    expect(lengths).toEqual([5, 10, 20, 40, 60, 60]);
  });

  it('is as long however much fails meanwhile', () => {
    const pause = new GrowingPause(5, 60);
    for (let i = 0; i < 20; i++) pause.failed(1000 + i / 10);
    expect(left(pause, 1000)).toBe(5);
    pause.failed(1005);
    expect(left(pause, 1005)).toBe(10);
  });

  it('is over as soon as something passed, and short again', () => {
    const pause = new GrowingPause(5, 60);
    pause.failed(1000);
    pause.failed(1005);
    pause.passed();
    expect(pause.isOver(1006)).toBe(true);
    pause.failed(1006);
    expect(left(pause, 1006)).toBe(5);
  });
});
