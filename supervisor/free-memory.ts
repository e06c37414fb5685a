import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readOr } from './identity.ts';

/**
 * How much more memory can be taken, in bytes, without pushing out other processes: the machine's available memory, or
 * the rest of the limit of our own cgroup or of one above it (version 1 or 2), whichever is less. Cached files that are
 * not in use count as free. Infinity if the system does not show it (macOS). `root` is `/` except in tests.
 */
export function availableBytes(root = '/'): number {
  const words = readText(join(root, 'proc/meminfo'));
  const machine = /^MemAvailable:\s+(\d+) kB/m.exec(words)?.[1];
  const left = memoryCgroups(root).map(leftOf);
  return Math.min(machine === undefined ? Number.POSITIVE_INFINITY : Number(machine) * 1024, ...left);
}

/** The folders of our memory cgroup and of all above it, up to the highest visible one. */
function memoryCgroups(root: string): string[] {
  for (const line of readText(join(root, 'proc/self/cgroup')).trim().split('\n')) {
    const [, controllers = '', path = '/'] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers !== '' && !controllers.split(',').includes('memory')) continue;
    const top = join(root, 'sys/fs/cgroup', controllers === '' ? '' : 'memory');
    const found: string[] = [];
    for (let at = path; ; at = dirname(at)) {
      if (readText(join(top, at, 'memory.stat')) !== '') found.push(join(top, at));
      if (at === '/' || at === '.') break;
    }
    if (found.length > 0) return found;
  }
  return [];
}

/** The rest of a cgroup's limit; Infinity when it has none. See the kernel's cgroup-v2.rst and v1 memory.rst. */
function leftOf(folder: string): number {
  const number = (...names: string[]) =>
    names.map((name) => readText(join(folder, name)).trim()).find((text) => /^\d+$/.test(text));
  const limit = number('memory.max', 'memory.limit_in_bytes');
  const used = number('memory.current', 'memory.usage_in_bytes');
  if (limit === undefined || used === undefined) return Number.POSITIVE_INFINITY;
  const cached = /^(?:total_)?inactive_file (\d+)/m.exec(totalsFirst(readText(join(folder, 'memory.stat'))))?.[1];
  return Math.max(0, Number(limit) - Number(used) + Number(cached ?? 0));
}

/** In version 1 the plain figures exclude child groups; the totals follow them. */
function totalsFirst(stat: string): string {
  const at = stat.indexOf('total_inactive_file');
  return at < 0 ? stat : stat.slice(at);
}

function readText(file: string): string {
  return readOr('', () => readFileSync(file, 'utf8'));
}
