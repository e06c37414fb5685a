import { posix } from 'node:path';
import type { Site } from '../../ipc/plan.ts';
import { type JsonString, jsonStrings } from '../code/json-strings.ts';
import type { ToolContext } from '../contracts/tool.ts';
import { filesMatching, type SourceFiles } from '../files/source-files.ts';
import type { TextEdit, TextFile } from '../files/text-file.ts';
import { gaps } from './move-coverage.ts';
import { cleanPath, type Move } from './move-plan.ts';

/**
 * Configuration whose paths are known to be relative to their own file: package.json, tsconfig.json, jsr.json and
 * deno.json. A value that is a path follows what moves, and in a file that moves it keeps leading where it led.
 */
export type Configuration = {
  edits: Map<string, TextEdit[]>;
  /** Names that a package gives its files, which stay. */
  kept: Map<string, JsonString[]>;
  /** Places where a list of files covers the old path and not the new one. */
  sites: Site[];
  /** Whether a package.json names the file outright, so that its name there follows. */
  follows(manifest: string, path: string): boolean;
};

/** Whether the paths of a file's values are known, so that a mere word in it is none. */
export const isConfiguration = (path: string): boolean =>
  /(?:^|\/)(?:package\.json|(?:jsr|deno)\.jsonc?|tsconfig(?:\.[\w.-]+)?\.json|jsconfig\.json)$/.test(path);

const patterns = ['package.json', '{jsr,deno}.{json,jsonc}', 'tsconfig.json', 'tsconfig.*.json', 'jsconfig.json'];

export async function configuration(
  context: ToolContext,
  all: readonly string[],
  files: SourceFiles,
  move: Move,
): Promise<Configuration> {
  const edits = new Map<string, TextEdit[]>();
  const sites: Site[] = [];
  const kept = new Map<string, JsonString[]>();
  const named = new Set<string>();
  for (const path of await filesMatching(context, [...patterns, '!**/node_modules/**'])) {
    const file = files.read(path);
    if (file === undefined) continue;
    const strings = jsonStrings(file.text);
    const changed = strings.flatMap((one) => {
      const found = followed(file, one, strings, move);
      if (found?.path !== undefined) named.add(`${path}\0${found.path}`);
      return found === undefined ? [] : [{ start: one.start, end: one.end, text: found.text }];
    });
    if (changed.length > 0) edits.set(path, changed);
    kept.set(path, strings.filter(isName));
    sites.push(...gaps(file, all, strings, changed, move));
  }
  return { edits, kept, sites, follows: (manifest, path) => named.has(`${manifest}\0${path}`) };
}

/** A name of files, a list that `gaps` looks at, or a pattern by which imports are looked at one by one. */
const isName = ({ keys, isKey, value }: JsonString): boolean => {
  const isTable = keys[0] === 'imports' || (keys[0] === 'compilerOptions' && keys[1] === 'paths');
  if (!isKey && value.includes('*') && /^(?:files|include|workspaces)$/.test(keys[0] ?? '')) return true;
  return isKey ? isTable || keys[0] === 'exports' : isTable && value.includes('*');
};

const words =
  /^(?:scripts|name|version|description|author|license|keywords|engines|packageManager|repository|homepage)$/;
const dependencies = /^(?:\w*[dD]ependencies|overrides|resolutions)$/;
/** Keys whose values are paths, also when they look like mere words. */
const pathKeys =
  /^(?:main|module|types|typings|source|bin|files|workspaces|directories|browser|style|man|include|exclude|rootDirs?|outDir|baseUrl|paths|path|typeRoots)$/;
const endings = ['', '.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs', '.json'];

/** The new text of a string that is a path; undefined: it stays. `path`: the moved file that it names. */
function followed(
  file: TextFile,
  { value, keys, isKey }: JsonString,
  all: readonly JsonString[],
  move: Move,
): { text: string; path: string | undefined } | undefined {
  const [top = ''] = keys;
  const isManifest = posix.basename(file.path) === 'package.json';
  if ((isKey && top !== 'browser') || (isManifest && words.test(top))) return undefined;
  const prefix = /^(?:!|file:|link:|portal:|<rootDir>\/|\$\{configDir\}\/)?/.exec(value)![0];
  if (isManifest && dependencies.test(top) && !prefix.endsWith(':')) return undefined;
  const written = value.slice(prefix.length);
  if (written === '' || /^[/#@]|:|\\/.test(written)) return undefined;
  const isDotted = /^\.{1,2}(?:\/|$)/.test(written);
  const isPath = isDotted || prefix.length > 1 || keys.some((key) => pathKeys.test(key));
  if (!isPath && !written.includes('/') && posix.extname(written) === '') return undefined;
  const glob = written.search(/[*{]/);
  const fixed = glob < 0 ? written : written.slice(0, written.lastIndexOf('/', glob) + 1);
  if (fixed === '') return undefined;
  const [base, baseAfter] = baseOf(file, keys, all, move);
  const target = cleanPath(posix.join(base, fixed));
  if (target.startsWith('..')) return undefined;
  const moved = movedFile(target, glob < 0, move);
  const place = moved?.place ?? move.placeOf(target);
  // A word without a dot is known to be a path only where it names what moves, or by its key.
  if (place === target && (base === baseAfter || !isPath)) return undefined;
  const relative = posix.relative(baseAfter, place);
  if (relative === posix.relative(base, target)) return undefined;
  const dotted = relative.startsWith('.') || !/^\.\//.test(written) ? relative || '.' : `./${relative}`;
  const slash = fixed.endsWith('/') ? '/' : '';
  const text =
    prefix + (isDotted && !dotted.startsWith('.') ? `./${dotted}` : dotted) + slash + written.slice(fixed.length);
  return { text, path: moved?.path };
}

/** The moved file that a path names, with or without its ending, and its new path written the same way. */
function movedFile(target: string, isWhole: boolean, move: Move): { path: string; place: string } | undefined {
  for (const ending of isWhole ? endings : []) {
    const place = move.files.get(target + ending);
    if (place === undefined) continue;
    return { path: target + ending, place: ending === '' ? place : place.replace(/\.\w+$/, '') };
  }
  return undefined;
}

/** The folder that a value starts from, now and afterwards. */
function baseOf(file: TextFile, keys: readonly string[], all: readonly JsonString[], move: Move): [string, string] {
  const folder = posix.dirname(file.path);
  const after = posix.dirname(move.placeOf(file.path));
  const url = all.find((one) => !one.isKey && one.keys.join('.') === 'compilerOptions.baseUrl')?.value;
  if (url === undefined || !keys.includes('paths')) return [folder, after];
  const base = cleanPath(posix.join(folder, url));
  return [base, move.placeOf(base) === base ? posix.join(after, posix.relative(folder, base)) : move.placeOf(base)];
}
