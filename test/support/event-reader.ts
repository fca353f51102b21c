import type { TestApp } from './app.js';

export interface ReadEvent {
  id?: string;
  event: string;
  data: Record<string, unknown> & { id?: string; status?: string; reason?: string };
}

/** Reads a stream of server-sent events over a real connection. */
export class EventReader {
  readonly events: ReadEvent[] = [];
  /** As a browser keeps it: also of blocks that are no event. */
  lastId: string | undefined;
  status = 0;
  ended = false;
  private readonly controller = new AbortController();
  private running: Promise<void> | undefined;

  static async open(
    app: TestApp,
    path: string,
    token: string | undefined,
    lastEventId?: string,
  ): Promise<EventReader> {
    const reader = new EventReader();
    const address = app.app.getHttpServer().address() as { port: number };
    const response = await fetch(`http://127.0.0.1:${address.port}${path}`, {
      headers: {
        authorization: `Bearer ${token}`,
        ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
      },
      signal: reader.controller.signal,
    });
    reader.status = response.status;
    reader.running = reader.read(response).catch(() => undefined);
    return reader;
  }

  private async read(response: Response): Promise<void> {
    try {
      let text = '';
      const decoder = new TextDecoder();
      for await (const bytes of response.body ?? []) {
        text += decoder.decode(bytes as Uint8Array, { stream: true });
        for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
          this.take(text.slice(0, end));
          text = text.slice(end + 2);
        }
      }
    } finally {
      this.ended = true;
    }
  }

  private take(block: string): void {
    const field = (name: string): string | undefined =>
      block
        .split('\n')
        .find((line) => line.startsWith(`${name}: `))
        ?.slice(name.length + 2);
    const event = field('event');
    const id = field('id');
    this.lastId = id ?? this.lastId;
    if (event === undefined) return;
    this.events.push({
      ...(id === undefined ? {} : { id }),
      event,
      data: JSON.parse(field('data') ?? '{}') as ReadEvent['data'],
    });
  }

  /** Resolves with the first event that is wanted, however long ago it came. */
  async first(wanted: (event: ReadEvent) => boolean, timeoutMs = 120_000): Promise<ReadEvent> {
    for (
      const until = performance.now() + timeoutMs;
      ;
      await new Promise((resolve) => setTimeout(resolve, 50))
    ) {
      const found = this.events.find(wanted);
      if (found) return found;
      if (this.ended || performance.now() > until)
        throw new Error(`no such event among ${JSON.stringify(this.events.slice(-5))}`);
    }
  }

  /** Resolves with the first id that is told. */
  async place(timeoutMs = 120_000): Promise<string> {
    for (const until = performance.now() + timeoutMs; this.lastId === undefined;)
      if (this.ended || performance.now() > until) throw new Error('no id was told');
      else await new Promise((resolve) => setTimeout(resolve, 50));
    return this.lastId;
  }

  async close(): Promise<void> {
    this.controller.abort();
    await this.running;
  }

  /** Resolves when the server ended it. */
  async finished(): Promise<void> {
    await this.running;
  }
}
