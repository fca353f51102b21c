import { jest } from '@jest/globals';

/**
 * For the application in this process time stands still: waits, one-time codes and what is remembered for a moment then
 * depend on `pass` alone, and not on how busy the machine is. Timers and the database's own clock go on.
 */
export class StoppedClock {
  private now = Date.now();
  private readonly spy = jest.spyOn(Date, 'now').mockImplementation(() => this.now);

  pass(seconds: number): void {
    this.now += seconds * 1000;
  }

  goOn(): void {
    this.spy.mockRestore();
  }
}

const DAY_MS = 86_400_000;
const MARGIN_MS = 120_000;

/** Waits out the end of the UTC day where it is near: for tests of what is counted by the day or the month. */
export async function clearOfMidnight(): Promise<void> {
  const left = DAY_MS - (Date.now() % DAY_MS);
  if (left < MARGIN_MS) await new Promise((resolve) => setTimeout(resolve, left + 1000));
}

/** Milliseconds of computation that this process spends on it: however busy the machine is, they are the same. */
export function computingTime(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** The least `computingTime` of three: for how it grows with the work. */
export const leastTime = (work: () => void): number =>
  Math.min(...Array.from({ length: 3 }, () => computingTime(work)));

/** As `computingTime`, of work that is waited for. */
export async function computingTimeOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** As `leastTime`, of work that is waited for. */
export async function leastTimeOf(work: () => Promise<unknown>): Promise<number> {
  let least = Infinity;
  for (let i = 0; i < 3; i++) least = Math.min(least, await computingTimeOf(work));
  return least;
}

/** What `growth` stays below where the work is linear, with room for a busy machine. */
export const LINEAR = 24;
const TIMES = 8;
/** Time below this is that of the machine, not of the work. */
const GRACE_MS = 30;

/** How many times longer eight times as much takes: about 8 for linear work, 64 for quadratic. */
export async function growth(work: (size: number) => unknown, size: number): Promise<number> {
  const one = await leastTimeOf(async () => work(size));
  const many = await leastTimeOf(async () => work(TIMES * size));
  return Math.max(0, many - GRACE_MS) / Math.max(1, one);
}
