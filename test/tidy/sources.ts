import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** The sources of the house, as git tracks them or would, with what each imports. */
export type Source = { path: string; text: string; imports: string[] };

export const root = join(import.meta.dirname, '..', '..');

export function trackedFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  return [...new Set(listed.split('\0'))].filter((path) => path !== '' && existsSync(join(root, path)));
}

/** All TypeScript files outside test fixtures. Imports are package names, or paths from the top for our own files. */
export function sources(): Source[] {
  return trackedFiles()
    .filter((path) => path.endsWith('.ts') && !path.startsWith('test/fixtures/'))
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      return { path, text, imports: importsOf(path, text) };
    });
}

const importForm =
  /^\s*(?:import|export)\b[^;'"]*?from\s*'([^']+)'|^\s*import\s*'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/gm;

function importsOf(path: string, text: string): string[] {
  return [...text.matchAll(importForm)].map((match) => {
    const wanted = match[1] ?? match[2] ?? match[3] ?? '';
    return wanted.startsWith('.') ? normalize(join(dirname(path), wanted)) : wanted;
  });
}

/** The room a file lies in: its top folder. */
export function roomOf(path: string): string {
  return path.split('/')[0] ?? '';
}
