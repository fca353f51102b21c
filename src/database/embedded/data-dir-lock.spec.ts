import { jest } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { StartError } from '../../config/config-error.js';
import { DataDirLock } from './data-dir-lock.js';

describe('DataDirLock', () => {
  let dir: string;
  beforeEach(() => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'lock-'));
  });
  afterEach(() => fs.rmSync(dir, { recursive: true, force: true }));

  const writeHolder = (holder: object): void =>
    fs.writeFileSync(path.join(dir, 'lock'), JSON.stringify(holder));

  it('refuses a directory that a living process holds, and says which', async () => {
    const child = spawn('sleep', ['30']);
    writeHolder({ pid: child.pid, host: os.hostname(), startedAt: null });
    expect(() => DataDirLock.acquire(dir)).toThrow(StartError);
    expect(() => DataDirLock.acquire(dir)).toThrow(String(child.pid));
    child.kill('SIGKILL');
    await once(child, 'exit');
    DataDirLock.acquire(dir).release();
  });

  it('waits for a process that is being ended', async () => {
    const child = spawn('sleep', ['30']);
    writeHolder({ pid: child.pid, host: os.hostname(), startedAt: null });
    const acquired = DataDirLock.acquireSoon(dir);
    child.kill('SIGKILL');
    (await acquired).release();
  });

  it('takes over from a process that has ended though nobody has asked for it', async () => {
    // The shell becomes a program that never asks for its child.
    const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 30'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    const state = (): string => fs.readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]!;
    while (!state().startsWith('Z')) await new Promise((resolve) => setTimeout(resolve, 5));
    writeHolder({ pid, host: os.hostname(), startedAt: null });
    DataDirLock.acquire(dir).release();
    parent.kill('SIGKILL');
  });

  it('takes over from a process whose number was given to another one', () => {
    writeHolder({ pid: process.ppid, host: os.hostname(), startedAt: 'long ago' });
    DataDirLock.acquire(dir).release();
  });

  it('believes the heartbeat of another host, until it stops', () => {
    writeHolder({ pid: 1, host: 'another-container', startedAt: null });
    expect(() => DataDirLock.acquire(dir)).toThrow(/another-container/);
    const longAgo = new Date(Date.now() - 60_000);
    fs.utimesSync(path.join(dir, 'lock'), longAgo, longAgo);
    DataDirLock.acquire(dir).release();
  });

  it('believes the heartbeat of a container with the same name and the same number of its process', async () => {
    const elsewhere = { pid: process.pid, host: os.hostname(), startedAt: null, namespace: 'pid:[1]' };
    writeHolder(elsewhere);
    expect(() => DataDirLock.acquire(dir)).toThrow(StartError);
    const acquired = DataDirLock.acquireSoon(dir);
    const longAgo = new Date(Date.now() - 60_000);
    fs.utimesSync(path.join(dir, 'lock'), longAgo, longAgo);
    (await acquired).release();
  });

  it('takes over from what was there before the machine started', () => {
    writeHolder({ pid: process.ppid, host: os.hostname(), startedAt: null });
    expect(() => DataDirLock.acquire(dir)).toThrow(StartError);
    const before = new Date(Date.now() - os.uptime() * 1000 - 120_000);
    fs.utimesSync(path.join(dir, 'lock'), before, before);
    DataDirLock.acquire(dir).release();
  });

  it('tells a holder that another one has taken over, and leaves the lock to that one', async () => {
    jest.useFakeTimers();
    const lock = DataDirLock.acquire(dir);
    const lost = jest.fn();
    lock.onLost = lost;
    jest.advanceTimersByTime(6000);
    expect(lost).not.toHaveBeenCalled();
    writeHolder({ pid: 1, host: 'another-container', startedAt: null, token: 'another' });
    jest.advanceTimersByTime(6000);
    expect(lost).toHaveBeenCalled();
    lock.release();
    jest.useRealTimers();
    expect(fs.readdirSync(dir)).toEqual(['lock']);
  });

  it('is not given away by the process that has it, whatever a former one of its number left', () => {
    writeHolder({ pid: process.pid, host: os.hostname(), startedAt: 'long ago' });
    const lock = DataDirLock.acquire(dir);
    expect(() => DataDirLock.acquire(dir)).toThrow(StartError);
    lock.release();
  });

  it('is free again after release', () => {
    DataDirLock.acquire(dir).release();
    DataDirLock.acquire(dir).release();
    expect(fs.readdirSync(dir)).toEqual([]);
  });

  it('says in one line why a folder cannot be locked', async () => {
    const file = path.join(dir, 'no-folder');
    fs.writeFileSync(file, '');
    await expect(DataDirLock.acquireSoon(file)).rejects.toThrow(/no-folder cannot be written: ENOTDIR/);
  });
});
