import { posix } from 'node:path';
import { type Chance, chances } from './chance.ts';
import { type Form, forms } from './move-forms.ts';
import { type Layout, layouts, surroundings } from './move-layouts.ts';
import { type MoveCase, type Part, parts, type Reference, reference, textOf } from './move-model.ts';
import { type Repository, resolved, type Way } from './move-resolver.ts';

const names = ['model', 'index', 'user', 'errors', 'a.b', 'Button', 'my-file', 'api', '[id]', 'util', 'old'];

/** A repository whose references are known, and a move in it. */
export function moveCase(seed: number): MoveCase {
  const chance = chances(seed);
  const layout = chance.pick(layouts);
  const paths = pathsOf(layout, chance);
  const others = otherFiles(layout);
  const files: Record<string, Part[]> = {
    ...Object.fromEntries(Object.entries(others).map(([path, text]) => [path, [text]])),
    ...layout.configuration(paths, chance),
    ...surroundings(paths, chance),
  };
  const all = [...paths, ...Object.keys(others)];
  for (const path of paths) files[path] = [];
  const repository: Repository = {
    files: new Set(Object.keys(files)),
    read: (path) =>
      textOf(files[path]!)
        .replace(/^\s*\/\/.*$/gm, '')
        .replace(/,(?=\s*[}\]])/g, ''),
  };
  for (const path of paths) files[path] = contentOf(path, all, layout, repository, chance);
  const move = clearMove(Object.keys(files), paths, chance);
  const links: Record<string, string> = chance.below(12) === 0 ? { 'linked.txt': chance.pick(paths) } : {};
  return { title: `${layout.name}: ${move.from} → ${move.to}`, files, links, ...move };
}

function pathsOf(layout: Layout, chance: Chance): string[] {
  const found = new Set(layout.always);
  const stems = new Set([...found].map((path) => path.replace(/\.\w+$/, '')));
  for (let count = 6 + chance.below(8); count > 0; count -= 1) {
    const stem = posix.join(chance.pick(layout.folders), chance.pick(names));
    const path = stem + chance.pick(layout.endings);
    // Two files that one specifier may mean are no known answer.
    if (stems.has(path.replace(/\.\w+$/, ''))) continue;
    stems.add(path.replace(/\.\w+$/, ''));
    found.add(path);
  }
  return [...found];
}

/** Data that modules lead to. */
function otherFiles({ folders, way }: Layout): Record<string, string> {
  return {
    [posix.join(folders[1]!, 'data.json')]: '{}\n',
    [posix.join(folders[0]!, 'logo.svg')]: '<svg id="part"></svg>\n',
    [posix.join(folders[2]!, '__mocks__/model.ts')]: 'export const one = 1;\n',
    [posix.join(folders[1]!, '__snapshots__/user.test.js.snap')]: 'exports[`a`] = `1`;\n',
    ...(way === 'cjs' ? { 'lib/errors.d.ts': 'export const one: number;\n' } : {}),
    ...(way === 'bundler' ? { [posix.join(folders[0]!, 'theme.css')]: '.d {\n  color: red;\n}\n' } : {}),
  };
}

/** How the imports of a file are found. */
function wayOf(path: string, layout: Layout): Way {
  if (/\.s?css$/.test(path)) return 'style';
  if (layout.way === 'bundler') return 'bundler';
  if (path.endsWith('.mjs')) return 'esm';
  return path.endsWith('.cjs') ? 'cjs' : layout.way;
}

function contentOf(
  path: string,
  all: readonly string[],
  layout: Layout,
  repository: Repository,
  chance: Chance,
): Part[] {
  const way = wayOf(path, layout);
  const lines: Part[][] = [];
  const outer: Part[][] = [];
  for (let count = 1 + chance.below(5); count > 0; count -= 1) {
    const form = chance.pick(forms.filter((one) => one.in.test(path) && fits(one, way) && isTaken(one, path)));
    const targets = all.filter((one) => one !== path && form.to.test(one));
    const target = targets.length > 0 ? chance.pick(targets) : undefined;
    const lead = target && referenceTo(target, path, form, { layout, repository, way, chance });
    if (lead) (form.isMarkup ? outer : lines).push(written(form, lead, lines.length));
  }
  return [...wrapped(path, lines), ...outer.flatMap((line) => [...line, '\n'])];
}

/** MDX reads only paragraphs that begin with one of two words as code. */
const isTaken = ({ text }: Form, path: string): boolean =>
  !path.endsWith('.mdx') || /^(?:\[|<|(?:import|export)\b(?!\())/.test(text);
const fits = ({ where }: Form, way: Way): boolean => (where === undefined ? way !== 'cjs' : where === way);

/** The form with the reference in place of each `R`. */
function written({ text }: Form, lead: Reference, number: number): Part[] {
  const pieces = text.replaceAll('N', String(number)).split(lead.way === 'glob' ? /\bR\/[^'`]*/ : /\bR\b/);
  return pieces.flatMap((one, index) => (index === 0 ? [one] : [lead, one]));
}

/** A reference to the files of a folder that the form's pattern takes. */
function taking(folder: string, from: string, { text }: Form, repository: Repository): Reference | undefined {
  const [, pattern = ''] = /R(\/[^'`]*)/.exec(text) ?? [];
  const target = resolved(repository, 'glob', from, folder + pattern);
  return target === undefined ? undefined : reference(target, folder + pattern, 'glob', 'tell');
}

type Place = { layout: Layout; repository: Repository; way: Way; chance: Chance };

function referenceTo(target: string, from: string, form: Form, place: Place): Reference | undefined {
  const way = form.way ?? place.way;
  const need = form.need ?? 'follow';
  const relative = posix.relative(posix.dirname(from), target);
  const dotted = relative.startsWith('.') ? relative : `./${relative}`;
  if (way === 'glob') return taking(posix.dirname(dotted), from, form, place.repository);
  const writings: Record<Way, () => string[]> = {
    esm: () => [dotted, ...place.layout.aliases(from, target)],
    cjs: () => [dotted, ...shorter(dotted)],
    bundler: () => [dotted, ...shorter(dotted), ...place.layout.aliases(from, target)],
    built: () => [dotted],
    glob: () => [],
    beside: () => [form.text.includes("'/R'") ? relative : dotted],
    stem: () => [dotted],
    // A lone word may mean any file of that name.
    root: () => (target.includes('/') ? [target] : []),
    style: () => [dotted, relative, ...(from.endsWith('.scss') && target.endsWith('.scss') ? shorter(dotted) : [])],
  };
  const isRight = (text: string) => resolved(place.repository, way, from, text.replace(/^\?/, '')) === target;
  const right = writings[way]().filter(isRight);
  if (right.length === 0) return undefined;
  const text = place.chance.pick(right);
  return text.startsWith('?') ? reference(target, text.slice(1), way, 'tell') : reference(target, text, way, need);
}

/** The ways to leave out the end of a path. */
function shorter(path: string): string[] {
  const stem = path.replace(/\.(?:[cm]?[jt]sx?|json|s?css)$/, '');
  const folder = posix.dirname(path);
  const named =
    folder === '.' || folder.endsWith('..') ? [`${folder}/`, folder] : [`./${folder}`.replace(/^\.\/(?=\.)/, '')];
  const built = path.replace(/\.([cm]?)tsx?$/, '.$1js');
  return [stem, built, ...(posix.basename(stem) === 'index' ? named : [])];
}

/** A file of the kind that the path's ending says, around lines of code. */
function wrapped(path: string, lines: readonly Part[][]): Part[] {
  const code = lines.flatMap((line) => [...line, '\n']);
  if (path.endsWith('.vue')) {
    return parts`<template>\n  <p>{{ one }}</p>\n</template>\n<script setup lang="ts">\n${code}</script>\n`;
  }
  if (path.endsWith('.svelte')) return parts`<script lang="ts">\n${code}</script>\n<p>text</p>\n`;
  if (path.endsWith('.astro')) return parts`---\n${code}---\n<p>text</p>\n`;
  if (path.endsWith('.mdx')) return parts`${code}\n# Title\n\nText.\n`;
  return code.length === 0 ? ['export const one = 1;\n'] : code;
}

type MoveHere = Pick<MoveCase, 'from' | 'to' | 'moved' | 'folder' | 'isImpossible'>;

function moveOf(all: readonly string[], paths: readonly string[], chance: Chance): MoveHere {
  return chance.below(3) === 0 ? folderMove(all, paths, chance) : fileMove(all, paths, chance);
}

/** A move after which no two files have one name but for their endings: one specifier could mean both. */
function clearMove(all: readonly string[], paths: readonly string[], chance: Chance): MoveHere {
  const named = all.filter((path) => /(?<!\.d)\.(?:[cm]?[jt]sx?|json|vue|svelte|astro|mdx|s?css|svg)$/.test(path));
  for (;;) {
    const move = moveOf(all, paths, chance);
    const stems = named.map((path) => (move.moved.get(path) ?? path).replace(/\.\w+$/, ''));
    const isMet = (path: string, index: number) =>
      move.moved.has(path) && stems.indexOf(stems[index]!) !== stems.lastIndexOf(stems[index]!);
    if (!named.some(isMet)) return move;
  }
}

function fileMove(all: readonly string[], paths: readonly string[], chance: Chance): MoveHere {
  const from =
    chance.below(8) === 0 ? chance.pick(all.filter((path) => /\.(?:json|svg|css)$/.test(path))) : chance.pick(paths);
  const [folder, base] = [posix.dirname(from), posix.basename(from)];
  const ending = /(?:\.test)?\.\w+$/.exec(base)![0];
  const stem = base.slice(0, -ending.length);
  const folders = [...new Set(paths.map((path) => posix.dirname(path)))];
  const place = chance.pick<() => string>([
    () => posix.join(chance.pick(folders), base),
    () => posix.join(chance.pick(folders), chance.pick(['moved', 'index', 'user', 'x.y']) + ending),
    () => posix.join(folder, `renamed${ending}`),
    () => posix.join(folder, (stem[0]! === stem[0]!.toUpperCase() ? stem.toLowerCase() : stem.toUpperCase()) + ending),
    () => posix.join(folder, stem, `index${ending}`),
    () => posix.join(posix.dirname(folder), (folder === '.' ? 'top' : posix.basename(folder)) + ending),
    () => posix.join(folder, 'new', 'deeper', base),
    () => posix.join('lib2', base),
    () => from.replace(/\.js$/, chance.pick(['.mjs', '.cjs'])).replace(/\.ts$/, chance.pick(['.tsx', '.mts'])),
  ])();
  const to = posix.basename(place) === base && chance.below(2) === 0 ? `${posix.dirname(place)}/` : place;
  const stands = all.includes(place) || all.some((path) => path.startsWith(`${place}/`));
  const isImpossible = stands || place === from || parentsAreFiles(all, place, from);
  const moved = new Map([[from, place]]);
  const twin = from.replace(/\.js$/, '.d.ts');
  if (twin !== from && all.includes(twin)) moved.set(twin, place.replace(/\.([cm]?)js$/, '.d.$1ts'));
  return { from, to, moved, folder: undefined, isImpossible };
}

function folderMove(all: readonly string[], paths: readonly string[], chance: Chance): MoveHere {
  const folders = [...new Set(paths.map((path) => posix.dirname(path)))].filter((one) => one !== '.');
  const from = chance.pick(folders);
  const [name, above] = [posix.basename(from), posix.dirname(from)];
  const isInto = chance.below(3) === 0;
  const into = chance.pick([...folders, '.']);
  const to = isInto
    ? posix.join(into, name)
    : chance.pick([posix.join(above, 'renamed'), 'newer', `deep/er/${name}`, posix.join(above, name.toUpperCase())]);
  const inside = all.filter((path) => path.startsWith(`${from}/`));
  const moved = new Map(inside.map((path) => [path, posix.join(to, path.slice(from.length + 1))]));
  const stands = all.some((path) => path === to || path.startsWith(`${to}/`));
  const isImpossible = to === from || to.startsWith(`${from}/`) || stands || parentsAreFiles(all, to, from);
  // A folder beside a file of its name is named with a slash.
  const isTwin = all.some((path) => path.replace(/\.\w+$/, '') === from);
  const named = isTwin || chance.below(3) === 0 ? `${from}/` : from;
  return { from: named, to: isInto && into !== '.' ? into : to, moved, folder: { from, to }, isImpossible };
}

const parentsAreFiles = (all: readonly string[], path: string, moving: string): boolean =>
  all.some((one) => one !== moving && path.startsWith(`${one}/`));
