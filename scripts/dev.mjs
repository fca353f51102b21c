// One round of `npm run start:dev`: build what is stale, then run. node's watcher ends the round with SIGTERM,
// which closes the server in order (the embedded database allows one process), and begins the next one.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

// Would have every worker thread post the modules it loads to its parent, between the messages of its own.
delete process.env.WATCH_REPORT_DEPENDENCIES;

const root = path.resolve(import.meta.dirname, '..');
const build = spawnSync(process.execPath, [path.join(root, 'scripts/build.mjs'), '--if-stale'], {
  stdio: 'inherit',
});
if (build.status !== 0) process.exit(build.status ?? 1);
await import(pathToFileURL(path.join(root, 'dist/main.js')).href);
