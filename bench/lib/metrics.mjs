// What the running server says about itself, and what the system says about its processes.
import fs from 'node:fs';

/** Milliseconds; of the time since it was asked last. */
export async function loopDelayP99(base) {
  const text = await (await fetch(`${base}/metrics`)).text();
  const line = /^ai_backend_event_loop_delay_seconds\{quantile="0\.99"\} (\S+)$/m.exec(text);
  if (!line) throw new Error('/metrics has no ai_backend_event_loop_delay_seconds');
  return Number(line[1]) * 1000;
}

/** Processes as `{ pid, parent, bytes }`; what ends meanwhile is passed over. */
function processes() {
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
        const field = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
        return [{ pid: Number(pid), parent: field('PPid'), bytes: field('VmRSS') * 1024 }];
      } catch {
        return [];
      }
    });
}

/** Resident memory of a process and all below it, in megabytes (2^20). NaN where there is no /proc. */
export function residentMegabytes(pid) {
  if (!fs.existsSync('/proc/self/status')) return Number.NaN;
  const all = processes();
  const tree = new Set([pid]);
  for (let size = 0; size < tree.size;) {
    size = tree.size;
    for (const each of all) if (tree.has(each.parent)) tree.add(each.pid);
  }
  const bytes = all.filter((each) => tree.has(each.pid)).reduce((sum, each) => sum + each.bytes, 0);
  return bytes / 2 ** 20;
}

/** Resident memory of a process itself and of the largest one below it, in megabytes (2^20). */
export function treeMegabytes(pid) {
  if (!fs.existsSync('/proc/self/status')) return { own: Number.NaN, largestChild: Number.NaN };
  const all = processes();
  const tree = new Set([pid]);
  for (let size = 0; size < tree.size;) {
    size = tree.size;
    for (const each of all) if (tree.has(each.parent)) tree.add(each.pid);
  }
  const own = all.find((each) => each.pid === pid)?.bytes ?? 0;
  const children = all.filter((each) => each.pid !== pid && tree.has(each.pid)).map((each) => each.bytes);
  return { own: own / 2 ** 20, largestChild: Math.max(0, ...children) / 2 ** 20 };
}
