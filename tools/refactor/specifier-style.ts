import { join, posix, relative } from 'node:path';

/**
 * Writing a specifier for a file that was moved, in the style of the one that was there: relative or by the same path
 * pattern, with the ending that was in use (`.js`, `.ts`, none), and a folder's name for its index where it was so.
 */
export type Restyle = {
  workspace: string;
  /** The importing file, where it will be. */
  importer: string;
  specifier: string;
  /** The imported file, before and after. */
  before: string;
  after: string;
  /** Patterns that hold for the importer, absolute targets. */
  paths: Record<string, string[]>;
  /** Whether a pattern led to the file, also when none holds any longer. */
  isAlias?: boolean;
};

const builtEnding: Record<string, string> = { '.ts': '.js', '.tsx': '.js', '.mts': '.mjs', '.cts': '.cjs' };
const codeEnding = /\.d\.[cm]?ts$|\.[cm]?[tj]sx?$/;

/** The new specifier; undefined when it cannot be told how the old one leads to the file (a package's `exports`). */
export function restyled(restyle: Restyle): string | undefined {
  const { specifier, importer, after } = restyle;
  const form = formFor(specifier, restyle.before, after);
  if (/^\.\.?(?:\/|$)/.test(specifier)) return relativeTo(importer, after, form);
  const longestFirst = Object.entries(restyle.paths).toSorted(([a], [b]) => prefix(b).length - prefix(a).length);
  const byPattern = longestFirst.filter(([pattern]) => matches(pattern, specifier));
  if (byPattern.length === 0 && !restyle.isAlias) return undefined;
  // A package's own imports (`#lib/*`) and the paths of a compiler are not exchanged for each other.
  const isOwn = specifier.startsWith('#');
  const patterns = [...byPattern, ...longestFirst.filter(([pattern]) => pattern.startsWith('#') === isOwn)];
  for (const [pattern, targets] of patterns) {
    const found = targets.map((target) => throughPattern(restyle.workspace, pattern, target, after, form));
    const first = found.find((text) => text !== undefined);
    if (first !== undefined && first !== '') return first;
  }
  // Node finds a relative module only by its ending, which the target of an own import had.
  const target = isOwn ? (byPattern[0]?.[1][0] ?? restyle.before) : undefined;
  const ending = codeEnding.exec(target ?? '')?.[0];
  if (ending === undefined) return relativeTo(importer, after, form);
  return relativeSpecifier(importer, ending === codeEnding.exec(restyle.before)?.[0] ? after : builtName(after));
}

/** Endings that Node and the compiler look for only where they are written. */
const exactEnding = /\.[cm][jt]s$/;

/** Whether a specifier that leaves the ending out would no longer find the file, whose new ending has to be written. */
export const needsEnding = (specifier: string, before: string, after: string): boolean =>
  exactEnding.test(after) && !exactEnding.test(before) && formOf(specifier, before).ending === undefined;

function formFor(specifier: string, before: string, after: string): Form {
  const form = formOf(specifier, before);
  if (!needsEnding(specifier, before, after)) return form;
  const ending = codeEnding.exec(after)![0];
  return { ending, folder: false, built: builtOf(ending) !== ending };
}

type Form = { ending: string | undefined; folder: boolean; built: boolean };

/** The part of the file's path that a specifier writes. */
function formOf(specifier: string, file: string): Form {
  const ending = codeEnding.exec(specifier)?.[0];
  const actual = codeEnding.exec(file)?.[0];
  const isIndex = /^index\./.test(posix.basename(file));
  const folder = isIndex && !/(?:^|\/)index(?:\.\w+)*$/.test(specifier);
  // `./a.service` has no ending; its last part only looks like one, and is no ending of code.
  const has = ending !== undefined && (ending === actual || builtOf(actual) === ending || ending === '.jsx');
  if (actual === undefined) return { ending: posix.extname(specifier) || undefined, folder: false, built: false };
  return { ending: has ? ending : undefined, folder, built: has && ending !== actual };
}

const builtOf = (ending: string | undefined): string | undefined =>
  ending === undefined ? undefined : (builtEnding[ending] ?? ending.replace(/^\.d\.([cm]?)ts$/, '.$1js'));

/** The file that a build makes of a source in its place: `a.js` of `a.ts`. */
function builtName(file: string): string {
  const actual = codeEnding.exec(file)?.[0];
  return actual === undefined ? file : file.slice(0, -actual.length) + builtOf(actual);
}

/** The workspace path as the form writes it. */
function written(file: string, form: Form): string {
  const actual = codeEnding.exec(file)?.[0];
  if (actual === undefined) return file;
  const stem = file.slice(0, -actual.length);
  if (form.folder && posix.basename(stem) === 'index') return posix.dirname(file);
  if (form.ending === undefined) return stem;
  return stem + (form.built ? builtOf(actual) : actual);
}

function relativeTo(importer: string, file: string, form: Form): string {
  const target = written(file, form);
  const path = posix.relative(posix.dirname(importer), target);
  // `.` and `..` name folders: a file beside a folder of its name, `errors.js` for `errors/handler.js`, needs its own name.
  const isUpwards = target !== posix.dirname(file) && /^(?:\.\.(?:\/\.\.)*)?$/.test(path);
  return isUpwards ? posix.join(path, '..', posix.basename(target)) : relativeSpecifier(importer, target);
}

export function relativeSpecifier(importer: string, target: string): string {
  const path = posix.relative(posix.dirname(importer), target);
  if (path === '') return '.';
  return path.startsWith('.') ? path : `./${path}`;
}

function throughPattern(
  workspace: string,
  pattern: string,
  target: string,
  file: string,
  form: Form,
): string | undefined {
  const [before = '', after] = target.split('*');
  const named = relative(workspace, target);
  if (after === undefined) return [file, builtName(file)].includes(named) ? pattern : undefined;
  // A target with an ending of its own (`./lib/*.js`) says the ending that the specifier leaves out.
  const names = [written(file, form), ...(after === '' ? [] : [file, builtName(file)])];
  const path = join(workspace, names.find((name) => join(workspace, name).endsWith(after)) ?? names[0]!);
  if (pattern === '*' || !path.startsWith(before) || !path.endsWith(after)) {
    return pattern === '*' && path.startsWith(before) ? path.slice(before.length) : undefined;
  }
  return pattern.replace('*', () => path.slice(before.length, path.length - after.length));
}

const prefix = (pattern: string): string => pattern.split('*')[0] ?? '';

function matches(pattern: string, specifier: string): boolean {
  const [before = '', after] = pattern.split('*');
  return after === undefined ? pattern === specifier : specifier.startsWith(before) && specifier.endsWith(after);
}
