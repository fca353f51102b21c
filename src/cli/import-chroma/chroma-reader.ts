import { StartError } from '../../config/config-error.js';

const PAGE = 200;
const TIMEOUT_MS = 60_000;

export interface ChromaEntry {
  id: string;
  text: string | null;
  metadata: Record<string, unknown>;
}

interface ChromaCollection {
  id: string;
  name: string;
}

interface ChromaPage {
  ids: string[];
  documents: (string | null)[] | null;
  metadatas: (Record<string, unknown> | null)[] | null;
}

export interface ChromaPlace {
  url: string;
  tenant: string;
  database: string;
  headers: Record<string, string>;
}

/** Reads a ChromaDB server through its HTTP interface (v2), without its client, which would load an encoder. */
export class ChromaReader {
  private readonly base: string;

  constructor(private readonly place: ChromaPlace) {
    const { tenant, database } = place;
    const url = place.url.replace(/\/+$/, '');
    this.base = `${url}/api/v2/tenants/${encodeURIComponent(tenant)}/databases/${encodeURIComponent(database)}/collections`;
  }

  async names(): Promise<string[]> {
    const found = await this.call<ChromaCollection[]>('?limit=100');
    return found.map(({ name }) => name);
  }

  /** @throws StartError when there is no such collection */
  async open(name: string): Promise<{ id: string; count: number }> {
    const { id } = await this.call<ChromaCollection>(`/${encodeURIComponent(name)}`);
    return { id, count: await this.call<number>(`/${id}/count`) };
  }

  async *entries(collectionId: string): AsyncGenerator<ChromaEntry[]> {
    for (let offset = 0; ; offset += PAGE) {
      const page = await this.call<ChromaPage>(`/${collectionId}/get`, {
        limit: PAGE,
        offset,
        include: ['documents', 'metadatas'],
      });
      if (page.ids.length > 0)
        yield page.ids.map((id, i) => ({
          id,
          text: page.documents?.[i] ?? null,
          metadata: page.metadatas?.[i] ?? {},
        }));
      if (page.ids.length < PAGE) return;
    }
  }

  private async call<T>(route: string, body?: object): Promise<T> {
    let response: Response;
    try {
      response = await fetch(`${this.base}${route}`, {
        headers: { ...this.place.headers, 'content-type': 'application/json' },
        signal: AbortSignal.timeout(TIMEOUT_MS),
        redirect: 'error',
        ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
      });
    } catch {
      throw new StartError(`the ChromaDB server ${this.place.url} does not answer`);
    }
    if (response.ok) return (await response.json()) as T;
    const detail = (await response.text()).slice(0, 200);
    throw new StartError(`the ChromaDB server answered ${response.status}: ${detail}`);
  }
}
