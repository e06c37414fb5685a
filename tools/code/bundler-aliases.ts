import { join, posix } from 'node:path';
import type { SourceFiles } from '../files/source-files.ts';
import { kindOf, type Node, stringValue, tree } from './syntax.ts';

/**
 * Import aliases that bundlers and frameworks give, which no tsconfig.json in the repository names: those of `alias` in the
 * configuration of Vite, webpack and their relatives, and the ones that SvelteKit, Nuxt and Vue CLI have by themselves.
 * Their own tsconfig.json is made by a command and is in no clean work tree.
 */
export type AliasFolder = { folder: string; paths: Record<string, string[]> };

const configurations =
  /(?:^|\/)(?:(?:vite|vitest|electron\.vite|webpack|rspack|rsbuild|rollup|astro|svelte|nuxt|vue|quasar)\.config|webpack\.[\w-]+)\.[cm]?[jt]s$/;

/** Aliases of each folder with such a configuration. Only those that lead to files of the repository. */
export function bundlerAliases(workspace: string, files: SourceFiles): AliasFolder[] {
  const listed = [...files.list, ...files.markup];
  return files.list
    .filter((path) => configurations.test(path))
    .map((path) => aliasesIn(workspace, files, listed, path));
}

function aliasesIn(workspace: string, files: SourceFiles, listed: readonly string[], path: string): AliasFolder {
  const at = posix.dirname(path);
  const folder = at === '.' ? '' : at;
  const file = files.read(path);
  const root = file === undefined ? undefined : tree(file);
  const found = [...(root ? pairsOf(root, 'alias').flatMap(written) : []), ...builtIn(path, folder, root, listed)];
  const paths: Record<string, string[]> = {};
  for (const [name, target] of found) {
    // Vite takes a beginning `/` for its root.
    const place = posix.join(folder, target.replace(/^\/+/, '')).replace(/(?<=.)\/$/, '');
    const bare = name.replace(/\/\*?$/, '');
    const exists = listed.some((one) => one === place || one.startsWith(place === '.' ? '' : `${place}/`));
    if (place.startsWith('..') || bare === '' || !exists) continue;
    const isExact = bare.endsWith('$') && bare.length > 1;
    paths[isExact ? bare.slice(0, -1) : bare] ??= [join(workspace, place)];
    if (!isExact) paths[`${bare}/*`] ??= [join(workspace, place, '*')];
  }
  return { folder, paths };
}

/** The values of every `name: …` in a configuration. */
const pairsOf = (root: Node, name: string): Node[] =>
  root
    .findAll({ rule: { kind: 'pair' } })
    .filter((pair) => keyOf(pair) === name)
    .flatMap((pair) => pair.field('value') ?? []);

function keyOf(pair: Node): string {
  const key = pair.field('key');
  return stringValue(key) ?? key?.text() ?? '';
}

/** `{ '@': './src' }` and `[{ find: '@', replacement: './src' }]`: names, and paths from the configuration's folder. */
function written(value: Node): [string, string][] {
  if (kindOf(value) === 'object') {
    const own = value.children().filter((one) => kindOf(one) === 'pair');
    return own.flatMap((pair) => aliasOf(keyOf(pair), pair.field('value')));
  }
  if (kindOf(value) !== 'array') return [];
  return value
    .children()
    .filter((one) => kindOf(one) === 'object')
    .flatMap((entry) => aliasOf(stringValue(direct(entry, 'find')) ?? '', direct(entry, 'replacement')));
}

const direct = (object: Node, name: string): Node | null =>
  object
    .children()
    .find((one) => kindOf(one) === 'pair' && keyOf(one) === name)
    ?.field('value') ?? null;

/** The strings in a value are the path: `resolve(__dirname, 'src')`, `new URL('./src', import.meta.url)`. */
function aliasOf(name: string, value: Node | null): [string, string][] {
  if (name === '' || value === null) return [];
  const kinds = { any: [{ kind: 'string' }, { kind: 'template_string' }] };
  const inside = /string$/.test(kindOf(value)) ? [value] : value.findAll({ rule: kinds });
  const parts = inside.map(textIn);
  return parts.length === 0 ? [] : [[name, posix.join(...parts)]];
}

/** A template's own place in front (`${__dirname}/src`) is the configuration's folder. */
const textIn = (node: Node): string =>
  node
    .text()
    .slice(1, -1)
    .replace(/^\$\{[^}]*\}\/?/, './');

/** Aliases that a framework gives without being told. */
function builtIn(path: string, folder: string, root: Node | undefined, listed: readonly string[]): [string, string][] {
  const framework = posix.basename(path).split('.')[0];
  const told = (name: string) => (root ? stringValue(pairsOf(root, name)[0] ?? null) : undefined);
  const below = posix.join(folder, 'app/');
  switch (framework) {
    case 'svelte':
      return [['$lib', told('lib') ?? 'src/lib']];
    case 'vue':
    case 'quasar':
      return [['@', 'src']];
    case 'nuxt': {
      const top = told('srcDir') ?? (listed.some((one) => one.startsWith(below)) ? 'app' : '.');
      return ['~', '@']
        .map((name): [string, string] => [name, top])
        .concat([
          ['~~', '.'],
          ['@@', '.'],
          ['#shared', 'shared'],
        ]);
    }
    default:
      return [];
  }
}
