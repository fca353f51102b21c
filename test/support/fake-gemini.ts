import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the server does with the next request; after the last of them it repeats the default answer. */
export type FakeTurn =
  | { answer: string | readonly string[] }
  /** A thought that must not be shown, then the answer. */
  | { thought: string; answer: string }
  | { status: number; reason?: string; retryDelay?: string; retryAfter?: string }
  /** Takes the request and never answers. */
  | { hang: true }
  /** A few pieces, then the connection is cut, ends without an ending, or goes silent. */
  | { pieces: readonly string[]; finally: 'cut' | 'end' | 'silence' }
  | { finishReason: string; answer?: string }
  | { blockReason: string }
  /** An answer without any candidate, or with one that is empty. */
  | { candidates: readonly object[] }
  /** These words instead of the protocol, with status 200. */
  | { raw: string }
  /** Text without end, as fast as it is read. */
  | { flood: true }
  /** Makes the answer up from what was asked. */
  | { reply: (request: FakeRequest) => string; finishReason?: string };

export interface FakeRequest {
  method: string;
  path: string;
  key: string | undefined;
  prompt: string | undefined;
  system: string | undefined;
  body: Record<string, unknown>;
  /** Resolves when the client has gone or the answer is complete. */
  closed: Promise<void>;
}

const MESSAGES: Record<number, [string, string]> = {
  400: ['INVALID_ARGUMENT', 'Request contains an invalid argument.'],
  403: ['PERMISSION_DENIED', 'Method does not allow unregistered callers.'],
  404: ['NOT_FOUND', 'models/x is not found for API version v1beta.'],
  429: ['RESOURCE_EXHAUSTED', 'You exceeded your current quota.'],
  500: ['INTERNAL', 'An internal error has occurred.'],
  503: ['UNAVAILABLE', 'The model is overloaded.'],
};

/** A local server that speaks the Gemini REST protocol as far as text generation needs it. */
export class FakeGemini {
  readonly requests: FakeRequest[] = [];
  readonly key = 'AIza-fake-key-for-tests';
  readonly model = 'gemini-test';
  /** Bytes of a flood that were taken from us. */
  flooded = 0;
  /** What it does when no turn is left. */
  otherwise: FakeTurn = { answer: 'A bridge carries a way over an obstacle.' };
  /** Texts that no vector is made of: with an error, or with a vector that is none. */
  refuses: { texts: RegExp; how: 'error' | 'nothing' } | undefined;
  /** Vectors of these texts are not made before it opens. */
  gate: { texts: RegExp; opens: Promise<void> } | undefined;
  private readonly turns: FakeTurn[] = [];
  private readonly server = http.createServer((request, response) => {
    void this.handle(request, response);
  });

  static async start(): Promise<FakeGemini> {
    const fake = new FakeGemini();
    fake.server.listen(0, '127.0.0.1');
    await once(fake.server, 'listening');
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  next(...turns: FakeTurn[]): void {
    this.turns.push(...turns);
  }

  reset(): void {
    this.turns.length = 0;
    this.requests.length = 0;
    this.flooded = 0;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async handle(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const parsed = (body ? JSON.parse(body) : {}) as {
      contents?: { parts?: { text?: string }[] }[];
      systemInstruction?: { parts?: { text?: string }[] };
    };
    const asked: FakeRequest = {
      method: request.method ?? '',
      path: url.pathname,
      key: request.headers['x-goog-api-key'] as string | undefined,
      prompt: parsed.contents?.[0]?.parts?.[0]?.text,
      system: parsed.systemInstruction?.parts?.[0]?.text,
      body: parsed,
      closed: once(response, 'close').then(() => {}),
    };
    this.requests.push(asked);
    // Looking whether the model is there is not one of the turns.
    let turn =
      (request.method === 'GET' && !('status' in (this.turns[0] ?? {})) ? undefined : this.turns.shift()) ??
      this.otherwise;
    if ('reply' in turn) turn = { finishReason: turn.finishReason ?? 'STOP', answer: turn.reply(asked) };
    if ('hang' in turn) return;
    if ('status' in turn) return this.fail(response, turn);
    if (asked.key !== this.key) return this.fail(response, { status: 400, reason: 'API_KEY_INVALID' });
    const found = /^\/v1beta\/models\/([^:]+)(?::(\w+))?$/.exec(url.pathname);
    // Others of its kind, such as `gemini-test-2`, are there as well.
    if (!found?.[1]?.startsWith(this.model)) return this.fail(response, { status: 404 });
    if (request.method === 'GET') return json(response, 200, { name: `models/${this.model}` });
    if (found[2] === 'batchEmbedContents' && !('raw' in turn)) {
      const { requests = [] } = asked.body as unknown as EmbeddingRequest;
      if (requests.length > 100 || requests.some((one) => !one.content.parts[0]?.text))
        return this.fail(response, { status: 400 });
      await new Promise((resolve) => setTimeout(resolve, 5));
      const texts = requests.map(({ content }) => content.parts.map(({ text }) => text).join(' '));
      if (this.gate && texts.some((text) => this.gate?.texts.test(text))) await this.gate.opens;
      const refused = (text: string): boolean => this.refuses?.texts.test(text) ?? false;
      if (this.refuses?.how === 'error' && texts.some(refused)) return this.fail(response, { status: 400 });
      const embeddings = texts.map((text, i) => {
        const dimensions = requests[i]?.outputDimensionality ?? 3072;
        return {
          values: refused(text) ? Array.from({ length: dimensions }, () => 0) : likeness(text, dimensions),
        };
      });
      return json(response, 200, { embeddings });
    }
    if ('raw' in turn) {
      response.writeHead(200, {
        'content-type': found[2] === 'generateContent' ? 'application/json' : 'text/event-stream',
      });
      response.end(turn.raw);
      return;
    }
    if ('flood' in turn) return this.flood(response);
    if (found[2] === 'generateContent') return json(response, 200, merge(this.parts(turn)));
    if (found[2] === 'streamGenerateContent' && url.searchParams.get('alt') === 'sse')
      return this.stream(response, turn);
    return this.fail(response, { status: 404 });
  }

  private fail(
    response: http.ServerResponse,
    turn: { status: number; reason?: string; retryDelay?: string; retryAfter?: string },
  ): void {
    if (turn.retryAfter) response.setHeader('retry-after', turn.retryAfter);
    const [status, message] = MESSAGES[turn.status] ?? ['UNKNOWN', 'Something else.'];
    const details = [
      ...(turn.reason ? [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: turn.reason }] : []),
      ...(turn.retryDelay
        ? [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: turn.retryDelay }]
        : []),
    ];
    // Some proxies repeat the request's key in their error page.
    const error = { code: turn.status, message: `${message} key=${this.key}`, status, details };
    json(response, turn.status, { error });
  }

  private async flood(response: http.ServerResponse): Promise<void> {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const part = { candidates: [{ content: { role: 'model', parts: [{ text: 'word '.repeat(800) }] } }] };
    const event = `data: ${JSON.stringify(part)}\r\n\r\n`;
    while (!response.destroyed) {
      this.flooded += event.length;
      if (!response.write(event))
        await Promise.race([once(response, 'drain'), once(response, 'close')]).catch(() => undefined);
    }
  }

  private parts(turn: FakeTurn): object[] {
    if ('candidates' in turn) return [{ candidates: turn.candidates, modelVersion: this.model }];
    if ('blockReason' in turn) return [{ promptFeedback: { blockReason: turn.blockReason } }];
    const pieces = 'pieces' in turn ? turn.pieces : 'answer' in turn ? [turn.answer ?? []].flat() : [];
    const thought = 'thought' in turn ? [{ text: turn.thought, thought: true }] : [];
    const events: object[] = pieces.map((text, i) => ({
      candidates: [{ content: { role: 'model', parts: [...(i === 0 ? thought : []), { text }] }, index: 0 }],
      modelVersion: this.model,
    }));
    if ('finally' in turn) return events;
    const finishReason = 'finishReason' in turn ? turn.finishReason : 'STOP';
    const usageMetadata = { promptTokenCount: 12, candidatesTokenCount: 31, totalTokenCount: 43 };
    return [...events, { candidates: [{ finishReason, index: 0 }], usageMetadata, modelVersion: this.model }];
  }

  private async stream(response: http.ServerResponse, turn: FakeTurn): Promise<void> {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of this.parts(turn)) {
      response.write(`data: ${JSON.stringify(event)}\r\n\r\n`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    if ('finally' in turn && turn.finally === 'silence') return;
    if ('finally' in turn && turn.finally === 'cut') response.destroy();
    else response.end();
  }
}

interface EmbeddingRequest {
  requests?: { content: { parts: { text: string }[] }; taskType?: string; outputDimensionality?: number }[];
}

/** A vector of a text's words: texts that share words are near each other, as with a real encoder. Not normalised. */
export function likeness(text: string, dimensions: number): number[] {
  const vector = Array.from({ length: dimensions }, () => 0);
  // Something that all texts share, as real encoders have it.
  vector[0] = 0.5;
  for (const [word] of text.toLowerCase().matchAll(/[\p{L}\p{N}]{2,}/gu)) {
    if (/^(the|and|of|on|in|is|what|where|do|this|that|was|it)$/.test(word)) continue;
    let hash = 2166136261;
    for (const letter of word.replace(/s$/, ''))
      hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 16777619) >>> 0;
    const at = hash % dimensions;
    vector[at] = (vector[at] ?? 0) + 1;
  }
  return vector;
}

function json(response: http.ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' });
  response.end(JSON.stringify(body));
}

interface Event {
  candidates?: { content?: { role: string; parts: object[] }; finishReason?: string }[];
}

/** The same answer in one piece, as `generateContent` gives it. */
function merge(events: object[]): object {
  const all = events as Event[];
  const parts = all.flatMap((event) => event.candidates?.[0]?.content?.parts ?? []);
  const last = all.at(-1) ?? {};
  const finishReason = last.candidates?.[0]?.finishReason;
  if (!last.candidates) return last;
  return { ...last, candidates: [{ content: { role: 'model', parts }, finishReason, index: 0 }] };
}
