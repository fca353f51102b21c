import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { IndexRebuildDto, IndexStateDto } from '../admin/index.dto.js';
import { StartError } from '../config/config-error.js';
import { ACCOUNT_USAGE, clientFromEnvironment } from './account.js';
import { ApiError } from './client.js';
import { runCommand } from './run-command.js';
import { StatusLine } from './status-line.js';

const EX_USAGE = 64;
const LOOK_MS = 1_000;
const USAGE = `usage: npm run reindex -- words | vectors [options]
  words          the word index, from the passages in the database
  vectors        the vectors of the encoder in use, in whatever store they are
  --url <url>    the server, instead of API_URL
The server does the work and answers queries meanwhile; this waits for it, and may be ended without harm.
For administrators: API_EMAIL and API_PASSWORD, for a key may not do this.
${ACCOUNT_USAGE}`;

interface Arguments {
  what: 'words' | 'vectors';
  url: string | undefined;
}

function readArguments(): Arguments | undefined {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: { url: { type: 'string' } },
    });
    const [what, ...rest] = positionals;
    if ((what !== 'words' && what !== 'vectors') || rest.length > 0) return undefined;
    return { what, url: values.url };
  } catch {
    return undefined;
  }
}

const progress = ({ done, total, detail }: IndexRebuildDto): string =>
  `${done === null ? 'under way' : `${done} of ${total} passages`}${detail === null ? '' : `: ${detail}`}`;

await runCommand(async () => {
  const args = readArguments();
  if (!args) {
    process.stderr.write(USAGE);
    return EX_USAGE;
  }
  const { what, url } = args;
  const status = new StatusLine(process.stderr);
  try {
    const client = await clientFromEnvironment(url);
    const begun = await client.post<IndexRebuildDto>('/admin/index/rebuild', { what });
    for (let now: IndexRebuildDto | undefined = begun; now?.id === begun.id;) {
      if (now.status !== 'running') {
        status.clear();
        process.stdout.write(
          now.status === 'done' ? `the ${what} were made again\n` : `failed: ${now.detail ?? ''}\n`,
        );
        return now.status === 'done' ? 0 : 1;
      }
      status.show(`making the ${what} again`, progress(now));
      await sleep(LOOK_MS);
      now = (await client.get<IndexStateDto>('/admin/index')).rebuilds.find((last) => last.what === what);
    }
    throw new StartError('another rebuild was begun meanwhile; GET /admin/index shows it');
  } catch (error) {
    status.clear();
    if (error instanceof ApiError) throw new StartError(error.message);
    if (error instanceof TypeError && error.message === 'fetch failed')
      throw new StartError('the server does not answer; API_URL or --url says where it is');
    throw error;
  }
});
