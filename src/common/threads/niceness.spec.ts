import { spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import { lowerProcess } from './niceness.js';

const lowered = Math.max(10, os.getPriority());
const weighsSessions = fs.existsSync('/proc/self/autogroup');
const sessionOf = (pid: number | 'self'): string => fs.readFileSync(`/proc/${pid}/autogroup`, 'utf8').trim();

describe('a process in the background', () => {
  let child: ChildProcess;
  const start = (detached: boolean): number => {
    child = spawn('sleep', ['60'], { detached, stdio: 'ignore' });
    return child.pid!;
  };
  afterEach(() => child.kill('SIGKILL'));

  it('is nicer than who started it', async () => {
    const pid = start(false);
    await lowerProcess(pid);
    expect(os.getPriority(pid)).toBe(lowered);
  });

  (weighsSessions ? it : it.skip)('takes its session with it, where it has one of its own', async () => {
    const mine = sessionOf('self');
    const pid = start(true);
    await lowerProcess(pid);
    expect(sessionOf(pid)).toMatch(new RegExp(`nice ${lowered}$`));
    expect(sessionOf('self')).toBe(mine);
  });

  (weighsSessions ? it : it.skip)('leaves the session that it shares as it is', async () => {
    const mine = sessionOf('self');
    await lowerProcess(start(false));
    expect(sessionOf('self')).toBe(mine);
  });

  it('may have ended', async () => {
    const pid = start(true);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    await expect(lowerProcess(pid)).resolves.toBeUndefined();
    await expect(lowerProcess(undefined)).resolves.toBeUndefined();
  });
});
