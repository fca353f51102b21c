import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { installed } from './installed.js';

/** Ways to an empty network of one's own; which of them works depends on the system and on who asks. */
const WAYS = [['--map-current-user', '--net'], ['--map-root-user', '--net'], ['--net']];
const TRIAL_MS = 5000;

async function works(unshare: string, flags: string[]): Promise<boolean> {
  const trial = spawn(unshare, [...flags, '--', 'true'], { stdio: 'ignore', env: {}, timeout: TRIAL_MS });
  try {
    const [code] = (await once(trial, 'exit')) as [number | null];
    return code === 0;
  } catch {
    return false;
  }
}

async function find(): Promise<string[]> {
  const unshare = installed('unshare');
  if (unshare === undefined) return [];
  for (const flags of WAYS) if (await works(unshare, flags)) return [unshare, ...flags, '--'];
  return [];
}

let found: Promise<string[]> | undefined;

/** What to put before a command so that it has a network with nothing in it; empty where the system has none. Tried once. */
export function networkIsolation(): Promise<string[]> {
  return (found ??= find());
}
