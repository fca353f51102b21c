import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { makeScratch, sweepScratch } from './scratch.js';

test('folders of processes that ended are swept away, those of others are left alone', async () => {
  const mine = makeScratch();
  const ended = spawnSync(process.execPath, ['-e', '']).pid;
  const as = (pid: number): string => {
    const folder = mine.replace(`-${process.pid}-`, `-${pid}-`);
    fs.mkdirSync(path.join(folder, 'inner'), { recursive: true });
    return folder;
  };
  const left = as(ended);
  const parent = as(process.ppid);
  const elsewhere = path.join(os.tmpdir(), path.basename(left).replace(/reading-\w{8}/, 'reading-00000000'));
  fs.mkdirSync(elsewhere);
  try {
    await sweepScratch();
    expect([mine, left, parent, elsewhere].map((folder) => fs.existsSync(folder))).toEqual([
      true,
      false,
      true,
      true,
    ]);
  } finally {
    for (const folder of [mine, left, parent, elsewhere]) fs.rmSync(folder, { recursive: true, force: true });
  }
});
