import { readFileSync } from 'node:fs';

/**
 * The environment with which a running process of this user was started, if `word` is among its arguments; null when it
 * is another process, is gone or unreadable, or the system does not show it (macOS).
 */
export function environmentOf(pid: number, word: string): Record<string, string> | null {
  try {
    if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(word)) return null;
    const entries = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean);
    return Object.fromEntries(entries.map((entry) => [entry.split('=', 1)[0]!, entry.slice(entry.indexOf('=') + 1)]));
  } catch {
    return null;
  }
}
