import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse as parseToml } from 'smol-toml';
import * as z from 'zod/mini';
import { Fault } from '../../ipc/fault.ts';

/**
 * The files of a repository that a person trusts: its instruction files (AGENTS.md), which agents are told to follow,
 * and the set-up commands of its agents.toml. Trust is bound to the content of each file: any changed byte ends it.
 */
const stored = z.strictObject({ files: z.record(z.string(), z.string()) });

export const notesName = 'AGENTS.md';
export const configName = 'agents.toml';

/** Whether a file instructs agents, by its name; ours are shown only AGENTS.md, but may read the others. */
export function speaksToAgents(path: string): boolean {
  return /(^|\/)((AGENTS|CLAUDE|GEMINI|SKILL)\.md|\.(cursorrules|windsurfrules|clinerules))$/i.test(path);
}

/** The question to trust during a run: whether a file with this content was trusted in this repository. */
export type Trust = (path: string, text: string) => boolean;

function trustFile(configFile: string): string {
  return join(dirname(configFile), 'trusted.json');
}

/** The trust in the files of the repository or folder `root` (absolute), as stored now. Throws config_invalid. */
export function trustIn(configFile: string, root: string): Trust {
  const files = read(configFile);
  return (path, text) => files[join(root, path)] === digestOf(text);
}

/** Whether a person said no to a file of `root` with this content. Throws config_invalid. */
export function wasDeclined(configFile: string, root: string): Trust {
  const files = read(configFile);
  return (path, text) => files[join(root, path)] === declined(text);
}

/** Stores that a person said no to these files of `root` in their present form. */
export function declineTrust(configFile: string, root: string, files: { path: string; text: string }[]): void {
  write(configFile, { ...read(configFile), ...digests(root, files, declined) });
}

function declined(text: string): string {
  return `no ${digestOf(text)}`;
}

/** Stores that these files of `root` are trusted in their present form, and no other files of it. */
export function setTrust(configFile: string, root: string, files: { path: string; text: string }[]): void {
  const others = Object.entries(read(configFile)).filter(([path]) => !path.startsWith(`${root}/`));
  write(configFile, { ...Object.fromEntries(others), ...digests(root, files, digestOf) });
}

function digests(root: string, files: { path: string; text: string }[], of: (text: string) => string) {
  return Object.fromEntries(files.map(({ path, text }) => [join(root, path), of(text)]));
}

function write(configFile: string, files: Record<string, string>): void {
  const file = trustFile(configFile);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const next = `${file}.${process.pid}`;
  writeFileSync(next, `${JSON.stringify({ files }, null, 2)}\n`, { mode: 0o600 });
  renameSync(next, file);
}

/** Digests by absolute path. */
function read(configFile: string): Record<string, string> {
  const file = trustFile(configFile);
  if (!existsSync(file)) return {};
  try {
    return stored.parse(JSON.parse(readFileSync(file, 'utf8'))).files;
  } catch (cause) {
    throw new Fault('config_invalid', `${file} cannot be read: it is not what vtcode wrote.`, {
      cause,
      advice: 'Take it away and trust your repositories anew: vtcode trust.',
    });
  }
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Limits of the search for instruction files, in depth and in folders. */
const depthMax = 6;
const foldersMax = 5_000;

/** Every file of a folder that needs trust: instruction files, and an agents.toml with set-up commands. */
export function filesToTrust(root: string): { path: string; text: string }[] {
  const found: { path: string; text: string }[] = [];
  const config = plainFile(root, configName);
  if (config !== null && hasSetup(config)) found.push({ path: configName, text: config });
  let left = foldersMax;
  const walk = (folder: string, depth: number) => {
    left -= 1;
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      const text = speaksToAgents(path) ? plainFile(root, path) : null;
      if (text !== null) found.push({ path, text });
      if (entry.isDirectory() && !/^(node_modules|\..*)$/.test(entry.name) && depth < depthMax && left > 0)
        walk(path, depth + 1);
    }
  };
  walk('', 0);
  return found.sort((a, b) => a.path.localeCompare(b.path));
}

/**
 * Whether it has set-up commands; an unreadable file counts as having some, so that a person checks it. Its later use
 * reports the error.
 */
function hasSetup(text: string): boolean {
  try {
    const { setup } = parseToml(text) as { setup?: { commands?: unknown } };
    return Array.isArray(setup?.commands) ? setup.commands.length > 0 : setup?.commands !== undefined;
  } catch {
    return true;
  }
}

/** The text of a regular file reached without a symbolic link, which could lead out of the folder; null: there is none. */
export function plainFile(root: string, path: string): string | null {
  try {
    let at = root;
    for (const part of path.split('/')) {
      at = join(at, part);
      if (lstatSync(at).isSymbolicLink()) return null;
    }
    return lstatSync(at).isFile() ? readFileSync(at, 'utf8') : null;
  } catch {
    return null; // not there
  }
}

/** The notice to a person about files at the top that are ignored until they are trusted. */
export function untrustedNotes(configFile: string, root: string): string[] {
  const trust = trustIn(configFile, root);
  const notes = plainFile(root, notesName);
  return notes === null || trust(notesName, notes)
    ? []
    : [`${notesName} is left out until you trust it: vtcode trust -C ${root} shows it and asks once.`];
}
