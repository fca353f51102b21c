import { admin, type ServerProcess } from './support.js';

export interface ServerDocument {
  id: string;
  doc_id: string;
  status: string;
  indexed: string;
  file_name: string | null;
}

export interface Answered<T> {
  status: number;
  body: T;
}

/** A client of a server process, signed in as the first administrator. */
export class Client {
  private constructor(
    readonly url: string,
    private readonly token: string,
  ) {}

  static async of({ url }: ServerProcess): Promise<Client> {
    const response = await fetch(`${url}/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(admin),
    });
    if (response.status !== 200) throw new Error(`login: ${response.status} ${await response.text()}`);
    return new Client(url, ((await response.json()) as { access_token: string }).access_token);
  }

  async call<T>(path: string, body?: object, headers: Record<string, string> = {}): Promise<Answered<T>> {
    const json = body !== undefined && !(body instanceof FormData);
    const response = await fetch(`${this.url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(json ? { 'content-type': 'application/json' } : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { body: json ? JSON.stringify(body) : body }),
    });
    return { status: response.status, body: (await response.json()) as T };
  }

  /** @returns the status */
  async remove(path: string): Promise<number> {
    const headers = { authorization: `Bearer ${this.token}` };
    return (await fetch(`${this.url}${path}`, { method: 'DELETE', headers })).status;
  }

  upload(docId: string, text: string): Promise<Answered<{ documents: ServerDocument[] }>> {
    const form = new FormData();
    form.set('doc_id', docId);
    form.set('file', new Blob([text]), `${docId}.md`);
    return this.call('/documents', form);
  }

  /** Every document that may be read. */
  async documents(): Promise<ServerDocument[]> {
    const items: ServerDocument[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const query: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : '';
      const { body } = await this.call<{ items: ServerDocument[]; next_cursor: string | null }>(
        `/documents?limit=200${query}`,
      );
      items.push(...body.items);
      cursor = body.next_cursor;
    }
    return items;
  }
}
