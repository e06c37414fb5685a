import { basename, dirname } from 'node:path/posix';
import type { CodePosition } from './code-questions.ts';
import type { CodeSession } from './code-session.ts';
import { type Declaration, declarationsIn } from './declarations.ts';
import { identifiers } from './syntax.ts';

/**
 * Declarations by hand for what a script hands on inside an object: `exports.faults = require('./lib/faults')` beside
 * `export { Faults as faults }`, whose namespace declares what `lib/faults.js` exports. `faces` are the files that describe
 * one module: scripts and `.d.ts`.
 */
export async function nestedTwins(
  session: CodeSession,
  { path: module }: Declaration,
  name: string,
  faces: readonly string[][],
): Promise<CodePosition[]> {
  const found = new Map<string, CodePosition>();
  for (const face of faces) {
    const names = new Set(face.filter((path) => !isTypes(path)).flatMap((path) => handedOn(session, path, module)));
    for (const path of face.filter(isTypes)) {
      for (const one of names) {
        for (const place of await membersUnder(session, path, one, name))
          found.set(`${place.path}:${place.offset}`, place);
      }
    }
  }
  return [...found.values()];
}

/** The names under which any script hands on one of the modules. */
export function namesOfModules(session: CodeSession, modules: readonly string[]): Set<string> {
  const scripts = session.files.list.filter((path) => /\.[cm]?jsx?$/.test(path));
  const importing = scripts.filter((path) => modules.some((module) => mentions(session, path, module)));
  return new Set(importing.flatMap((path) => modules.flatMap((module) => handedOn(session, path, module))));
}

/** Cheap, and true where it matters: a script that hands on a module names its file or its folder. */
function mentions(session: CodeSession, path: string, module: string): boolean {
  const stem = basename(module).replace(/\..*$/, '');
  const word = stem === 'index' ? basename(dirname(module)) : stem;
  return session.files.read(path)?.text.includes(word) ?? false;
}

export const isTypes = (path: string): boolean => /\.d\.[cm]?ts$/.test(path);

const required = /\b(?:const|let|var)\s+([\w$]+)\s*=\s*require\(\s*['"]([^'"]+)['"]\s*\)/g;
const imported = /\bimport\s+(?:\*\s*as\s+)?([\w$]+)\s+from\s*['"]([^'"]+)['"]/g;
/** `exports.a = require('m')`, `thing.a = b`, and the entries of `module.exports = { a: b, c }`. */
const assigned = /[\w$]\.([\w$]+)\s*=\s*(?:require\(\s*['"]([^'"]+)['"]\s*\)|([\w$]+))\s*(?=[;\n,]|$)/g;
const object = /(?:module\.exports|export\s+default)\s*=?\s*\{([^{}]*)\}/g;
const entry = /([\w$]+)\s*(?::\s*(?:require\(\s*['"]([^'"]+)['"]\s*\)|([\w$]+)))?\s*(?=,|$)/g;
const spaces = /\bexport\s*\*\s*as\s+([\w$]+)\s+from\s*['"]([^'"]+)['"]/g;
const listed = /\bexport\s*\{([^{}]*)\}(?!\s*from)/g;

/** The names under which a script hands on another module as a whole. */
function handedOn(session: CodeSession, path: string, module: string): string[] {
  const text = session.files.read(path)?.text ?? '';
  const variables = new Set<string>();
  // An import of a script leads to the `.d.ts` beside it.
  const isModule = (specifier: string) => stemOf(session.resolveImport(path, specifier)) === stemOf(module);
  for (const form of [required, imported]) {
    for (const [, variable = '', specifier = ''] of text.matchAll(form))
      if (isModule(specifier)) variables.add(variable);
  }
  const found: string[] = [];
  const take = ([, name = '', specifier, value]: readonly (string | undefined)[]) => {
    if (specifier === undefined ? variables.has(value ?? name) : isModule(specifier)) found.push(name);
  };
  for (const match of text.matchAll(assigned)) take(match);
  for (const [, entries = ''] of text.matchAll(object)) for (const match of entries.matchAll(entry)) take(match);
  for (const match of text.matchAll(spaces)) take(match);
  for (const [, names = ''] of text.matchAll(listed)) {
    for (const [, value, name = value] of names.matchAll(/([\w$]+)(?:\s+as\s+([\w$]+))?/g))
      take(['', name, undefined, value]);
  }
  return found;
}

const stemOf = (path: string | undefined): string | undefined => path?.replace(/(?:\.d)?\.[cm]?[jt]sx?$/, '');

/** Steps from an export over imports and aliases to what it names. */
const hopsMax = 4;

/** Declarations of the member inside what a declaration file calls `space`. */
async function membersUnder(session: CodeSession, path: string, space: string, name: string): Promise<CodePosition[]> {
  const file = session.files.read(path);
  const known = new Map<string, CodePosition>();
  let places: CodePosition[] = file ? [...identifiers(file, space).keys()].map((offset) => ({ path, offset })) : [];
  for (let hops = 0; hops < hopsMax && places.length > 0; hops++) {
    places = places.filter((place) => place.offset >= 0 && !known.has(`${place.path}:${place.offset}`));
    for (const place of places) known.set(`${place.path}:${place.offset}`, place);
    places = (await Promise.all(places.map((place) => session.definitions(place)))).flat();
  }
  return [...known.values()].flatMap((place) => {
    const there = session.files.read(place.path);
    if (!there || !isTypes(place.path)) return [];
    const word = /^[\w$]+/.exec(there.text.slice(place.offset))?.[0];
    const isModule = place.offset === 0;
    return declarationsIn(there, name).filter(({ level, container }) =>
      isModule ? level === 'module' : level === 'member' && container === word,
    );
  });
}
