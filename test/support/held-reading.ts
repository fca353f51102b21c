import { jest } from '@jest/globals';
import { Extractor } from '../../src/ingestion/extract/extractor.service.js';
import type { TestApp } from './app.js';

const DEADLINE_MS = 150_000;

/** Files of these names take until they are told to end, or the test lets them go on; all others are read as ever. */
export class HeldReading {
  /** Names, in the order in which their reading began, and ended. */
  readonly begun: string[] = [];
  readonly ended: string[] = [];
  private readonly goingOn = new AbortController();
  private readonly spy: { mockRestore(): void };

  constructor(app: TestApp, names: RegExp) {
    const extractor = app.app.get(Extractor, { strict: false });
    const extract = extractor.extract.bind(extractor);
    this.spy = jest.spyOn(extractor, 'extract').mockImplementation(async (request) => {
      if (!names.test(request.fileName)) return extract(request);
      this.begun.push(request.fileName);
      const ends = [this.goingOn.signal, ...(request.signal ? [request.signal] : [])];
      const end = AbortSignal.any(ends);
      if (!end.aborted)
        await new Promise((resolve) => end.addEventListener('abort', resolve, { once: true }));
      if (request.signal?.aborted) this.ended.push(request.fileName);
      return extract(request);
    });
  }

  async untilBegun(name: string, times = 1): Promise<void> {
    await this.until(this.begun, name, times);
  }

  /** Told to end, and not let go on. */
  async untilEnded(name: string, times = 1): Promise<void> {
    await this.until(this.ended, name, times);
  }

  private async until(list: readonly string[], name: string, times: number): Promise<void> {
    for (const end = performance.now() + DEADLINE_MS; ; await new Promise((done) => setTimeout(done, 50))) {
      if (list.filter((each) => each === name).length >= times) return;
      if (performance.now() > end)
        throw new Error(`${name}: begun ${this.begun.join(', ')}; ended ${this.ended.join(', ')}`);
    }
  }

  goOn(): void {
    this.goingOn.abort();
    this.spy.mockRestore();
  }
}
