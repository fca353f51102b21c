import { StartError } from '../config/config-error.js';
import { ApiClient } from './client.js';

const DEFAULT_URL = 'http://127.0.0.1:8000';

export const ACCOUNT_USAGE = `The server is API_URL (${DEFAULT_URL}). Sign in by API_KEY, or by API_EMAIL and API_PASSWORD;
a credential on the command line could be read by every user of this machine, so there is no option for it.
`;

/** A client of the account that the environment names, on its server unless one is given. @throws StartError in one line */
export async function clientFromEnvironment(given?: string): Promise<ApiClient> {
  const { API_URL, API_KEY: key, API_EMAIL: email, API_PASSWORD: password } = process.env;
  const url = given ?? API_URL ?? DEFAULT_URL;
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url))
    throw new StartError(`API_URL must be an address such as ${DEFAULT_URL}, not "${url}"`);
  const client = new ApiClient(url.replace(/\/+$/, ''));
  if (key !== undefined && key !== '') client.useKey(key);
  else if (email !== undefined && password !== undefined) await client.signIn({ email, password });
  else throw new StartError('set API_KEY, or API_EMAIL and API_PASSWORD');
  return client;
}
