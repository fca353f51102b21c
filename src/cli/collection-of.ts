import { StartError } from '../config/config-error.js';
import type { ApiClient } from './client.js';

/** The collection with this id or name that may be written to; without one, the personal one. @throws StartError */
export async function collectionOf(client: ApiClient, wanted: string | undefined): Promise<string> {
  const matching: string[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const page = await client.collections({ limit: '200', ...(cursor === '' ? {} : { cursor }) });
    for (const { id, name, is_personal, access } of page.items) {
      if (id === wanted) return id;
      if (access === 'read') continue;
      if (wanted === undefined ? is_personal && access === 'manage' : name === wanted) matching.push(id);
    }
    cursor = page.next_cursor;
  }
  const [found, ...others] = matching;
  if (found === undefined)
    throw new StartError(`there is no collection ${wanted ?? 'of your own'} to write to`);
  if (others.length > 0) throw new StartError(`several collections are called ${wanted ?? ''}: give the id`);
  return found;
}
