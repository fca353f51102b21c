import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DocumentDto } from '../../documents/documents.dto.js';
import type { ApiClient } from '../client.js';
import type { StatusLine } from '../status-line.js';

const POLL_MS = 150;
const INDEX_LIMIT_MS = 180_000;

export interface Sample {
  name: string;
  content: Buffer<ArrayBuffer>;
}

/** Every file of the folder but the one that describes it. */
export async function readSamples(dir: string): Promise<Sample[]> {
  const names = (await fs.readdir(dir)).filter((name) => name !== 'README.md').sort();
  return Promise.all(names.map(async (name) => ({ name, content: await fs.readFile(path.join(dir, name)) })));
}

/** Uploads a sample under its name, unless the very same bytes are there from an earlier run. */
async function upload(client: ApiClient, { name, content }: Sample): Promise<DocumentDto> {
  const sha256 = createHash('sha256').update(content).digest('hex');
  const { items } = await client.documents({ doc_id: name });
  const same = items.find((item) => item.sha256 === sha256 && item.status !== 'failed');
  return same ?? client.upload(new Blob([content]), name, name);
}

/**
 * Adds the samples and waits until they can be asked about; `wanted` says how.
 * @throws Error when one fails or takes longer than three minutes
 */
export async function addSamples(
  client: ApiClient,
  samples: readonly Sample[],
  { wanted, status }: { wanted: 'lexical' | 'full'; status: StatusLine },
): Promise<DocumentDto[]> {
  const limit = performance.now() + INDEX_LIMIT_MS;
  const documents: DocumentDto[] = [];
  for (const sample of samples) {
    status.show(`adding ${sample.name}`);
    let document = await upload(client, sample);
    while (document.status !== 'ready' || (document.indexed !== 'full' && document.indexed !== wanted)) {
      if (document.status === 'failed')
        throw new Error(`${sample.name} could not be read: ${document.error?.detail}`);
      if (performance.now() > limit) throw new Error(`${sample.name} is still being indexed`);
      const { done, total } = document.progress;
      status.show(`adding ${sample.name}`, total ? `${done} of ${total} passages embedded` : document.status);
      await sleep(POLL_MS);
      document = await client.document(document.id);
    }
    documents.push(document);
  }
  return documents;
}
