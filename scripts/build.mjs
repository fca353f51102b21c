// Compiles src and migrations into dist with SWC, and the WebAssembly texts in src. With --if-stale only when a source is newer than the last build.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import openWabt from 'wabt';

const root = path.resolve(import.meta.dirname, '..');
const stamp = path.join(root, 'dist', '.built');
const sources = ['src', 'migrations'].map((d) => path.join(root, d));

/** Newest modification below a folder; folders count too, so that a removed file is noticed. */
function newest(dir) {
  let latest = fs.statSync(dir).mtimeMs;
  for (const entry of fs.readdirSync(dir, { withFileTypes: true })) {
    const full = path.join(dir, entry.name);
    latest = Math.max(latest, entry.isDirectory() ? newest(full) : fs.statSync(full).mtimeMs);
  }
  return latest;
}

function isStale() {
  if (!fs.existsSync(stamp)) return true;
  const built = fs.statSync(stamp).mtimeMs;
  const settings = ['.swcrc', 'package.json'].map((f) => fs.statSync(path.join(root, f)).mtimeMs);
  return [...sources.map(newest), ...settings].some((time) => time > built);
}

/** Every `x.wat` becomes the `x.wasm` that is loaded; the texts stay out of what is shipped. */
async function assemble(dir) {
  const wabt = await openWabt();
  for (const file of fs.readdirSync(dir, { recursive: true }).filter((name) => name.endsWith('.wat'))) {
    const text = path.join(dir, file);
    const module = wabt.parseWat(file, fs.readFileSync(text, 'utf8'), { simd: true });
    module.validate();
    fs.writeFileSync(text.replace(/wat$/, 'wasm'), module.toBinary({}).buffer);
    module.destroy();
    fs.rmSync(text);
  }
}

if (!process.argv.includes('--if-stale') || isStale()) {
  const startedAt = new Date();
  // A sibling folder is swapped in at the end: a server that still runs from dist never sees half a build.
  const next = path.join(root, `dist.next.${process.pid}`);
  fs.rmSync(next, { recursive: true, force: true });
  const swc = path.join(root, 'node_modules', '@swc', 'cli', 'bin', 'swc.js');
  for (const [from, to] of [
    ['src', next],
    ['migrations', path.join(next, 'migrations')],
  ]) {
    const args = [
      from,
      '-d',
      to,
      '--strip-leading-paths',
      '--ignore',
      '**/*.spec.ts',
      '--quiet',
      '--copy-files',
    ];
    const done = spawnSync(process.execPath, [swc, ...args], { cwd: root, stdio: 'inherit' });
    if (done.status !== 0) {
      console.error(`build failed in ${from}`);
      process.exit(1);
    }
  }
  await assemble(next);
  fs.rmSync(path.join(root, 'dist'), { recursive: true, force: true });
  fs.renameSync(next, path.join(root, 'dist'));
  fs.writeFileSync(stamp, '');
  // A source saved while the compiler ran must count as newer than this build.
  fs.utimesSync(stamp, startedAt, startedAt);
}
