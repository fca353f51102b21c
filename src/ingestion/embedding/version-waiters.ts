/** Requests that wait until certain versions have all their vectors. */
export class VersionWaiters {
  private readonly waiting = new Map<string, Set<() => void>>();

  /**
   * Resolves with the versions that did not settle within `ms` milliseconds. `look` tells which still wait: asked
   * once behind the listeners, for what settled before, and every `everyMs` where another process does the work.
   */
  async wait(
    versionIds: readonly string[],
    ms: number,
    options: { look: () => Promise<string[]>; everyMs: number | undefined },
  ): Promise<Set<string>> {
    const open = new Set(versionIds);
    const cleanup: (() => void)[] = [];
    await new Promise<void>((resolve, reject) => {
      const settle = (id: string): void => {
        open.delete(id);
        if (open.size === 0) resolve();
      };
      const look = (): void => {
        options.look().then((left) => {
          const waiting = new Set(left);
          for (const id of versionIds) if (!waiting.has(id)) settle(id);
        }, reject);
      };
      for (const id of versionIds) cleanup.push(this.listen(id, () => settle(id)));
      const limit = setTimeout(resolve, ms);
      cleanup.push(() => clearTimeout(limit));
      if (options.everyMs !== undefined) {
        const timer = setInterval(look, options.everyMs);
        cleanup.push(() => clearInterval(timer));
      }
      look();
    }).finally(() => {
      for (const undo of cleanup) undo();
    });
    return open;
  }

  private listen(id: string, listener: () => void): () => void {
    const listeners = this.waiting.get(id) ?? new Set();
    listeners.add(listener);
    this.waiting.set(id, listeners);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.waiting.delete(id);
    };
  }

  settle(versionIds: readonly string[]): void {
    for (const id of versionIds) for (const listener of this.waiting.get(id) ?? []) listener();
  }

  /** Versions that somebody waits for. */
  ids(): string[] {
    return [...this.waiting.keys()];
  }

  settleAll(): void {
    this.settle([...this.waiting.keys()]);
  }
}
