import { parseArgs } from 'node:util';
import { StartError } from '../config/config-error.js';
import type { BulkDocumentDto } from '../ingestion/texts/text.dto.js';
import { ACCOUNT_USAGE, clientFromEnvironment } from './account.js';
import { ApiError, type ApiClient } from './client.js';
import { collectionOf } from './collection-of.js';
import { ChromaReader, type ChromaEntry } from './import-chroma/chroma-reader.js';
import { runCommand } from './run-command.js';
import { StatusLine } from './status-line.js';

const EX_USAGE = 64;
const MOST_SHOWN = 50;
const USAGE = `usage: npm run import:chroma -- <address of ChromaDB> [collection] [options]
  [collection]            the one to read there; "documents" by default
  --into <id or name>     where it goes; your personal collection by default
  --tenant, --database    default_tenant, default_database
Brings ids, texts and metadata over; vectors are made again. It may be repeated: ids that are there are replaced.
Headers for a proxy in front of ChromaDB are a JSON object in CHROMA_HEADERS.
${ACCOUNT_USAGE}`;

interface Arguments {
  url: string;
  name: string;
  into: string | undefined;
  tenant: string;
  database: string;
}

function readArguments(): Arguments | undefined {
  try {
    const option = { type: 'string' } as const;
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: { into: option, tenant: option, database: option },
    });
    const [url, name = 'documents', ...rest] = positionals;
    if (url === undefined || rest.length > 0 || !/^https?:\/\//.test(url) || !URL.canParse(url))
      return undefined;
    const { into, tenant = 'default_tenant', database = 'default_database' } = values;
    return { url, name, into, tenant, database };
  } catch {
    return undefined;
  }
}

function readHeaders(): Record<string, string> {
  const text = process.env['CHROMA_HEADERS'];
  if (!text) return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, string>;
  } catch {
    // Said below.
  }
  throw new StartError('CHROMA_HEADERS is not a JSON object');
}

interface Outcome {
  added: number;
  failures: { id: string; why: string }[];
}

/** All at once; where something among them is refused, one by one, so that only that is left out. */
async function add(
  client: ApiClient,
  collectionId: string,
  entries: readonly ChromaEntry[],
  outcome: Outcome,
): Promise<void> {
  const documents: BulkDocumentDto[] = [];
  for (const { id, text, metadata } of entries) {
    if (text === null || text.trim() === '') outcome.failures.push({ id, why: 'it has no text' });
    else documents.push({ doc_id: id, text, metadata });
  }
  if (documents.length === 0) return;
  try {
    await client.addDocuments(documents, { collection_id: collectionId, wait_ms: 0 });
    outcome.added += documents.length;
  } catch (error) {
    if (!(error instanceof ApiError) || ![400, 413].includes(error.status)) throw error;
    for (const document of documents) {
      try {
        await client.addDocuments([document], { collection_id: collectionId, wait_ms: 0 });
        outcome.added++;
      } catch (refused) {
        if (!(refused instanceof ApiError) || ![400, 413].includes(refused.status)) throw refused;
        outcome.failures.push({ id: document.doc_id ?? '', why: refused.detail });
      }
    }
  }
}

await runCommand(async () => {
  const args = readArguments();
  if (!args) {
    process.stderr.write(USAGE);
    return EX_USAGE;
  }
  const status = new StatusLine(process.stderr);
  const outcome: Outcome = { added: 0, failures: [] };
  try {
    const reader = new ChromaReader({ ...args, headers: readHeaders() });
    const names = await reader.names();
    if (!names.includes(args.name) && names.length < 100)
      throw new StartError(`ChromaDB has no collection ${args.name}; it has: ${names.join(', ') || 'none'}`);
    const { id, count } = await reader.open(args.name);
    const client = await clientFromEnvironment();
    const collectionId = await collectionOf(client, args.into);
    for await (const entries of reader.entries(id)) {
      await add(client, collectionId, entries, outcome);
      status.show('importing', `${outcome.added + outcome.failures.length} of ${count}`);
    }
  } catch (error) {
    status.clear();
    if (error instanceof ApiError) throw new StartError(error.message);
    if (error instanceof TypeError && error.message === 'fetch failed')
      throw new StartError('the server does not answer; API_URL says where it is');
    throw error;
  }
  status.clear();
  process.stdout.write(`${outcome.added} documents brought over, ${outcome.failures.length} left out\n`);
  for (const { id, why } of outcome.failures.slice(0, MOST_SHOWN))
    process.stdout.write(`${JSON.stringify(id.slice(0, 100))}: ${why}\n`);
  if (outcome.failures.length > MOST_SHOWN) process.stdout.write('…\n');
  return outcome.failures.length > 0 ? 1 : 0;
});
