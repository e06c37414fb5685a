import { builtOfTarget, importedFrom } from '../code/built-imports.ts';
import type { CodeSession } from '../code/code-session.ts';
import { identifiers, startOf } from '../code/syntax.ts';
import type { Open, RenamedSymbol, Targets } from './rename-targets.ts';

/** Why the import that a name comes from may lead to the symbol, although the server does not see it; undefined: it may not. */
export function importDoubt(
  session: CodeSession,
  open: Open,
  symbol: RenamedSymbol,
  targets: Targets,
): string | undefined {
  const unresolved = unresolvedImport(session, open, symbol, targets);
  if (unresolved !== undefined) return `the import of '${unresolved}' leads to no file of the workspace`;
  const { path, offset, node, declared } = open;
  const isKnown = declared.some(
    (place) => place.path !== path || (place.offset !== offset && place.offset !== startOf(node)),
  );
  const specifier = isKnown ? undefined : importOf(session, open);
  const module = specifier === undefined ? undefined : session.resolveImport(path, specifier);
  if (module === undefined || !mayHandOn(session, module, targets)) return undefined;
  return `'${specifier}' may export it: its exports are put together while it runs`;
}

/** Modules from one to the symbol's that are looked at. */
const modulesMax = 200;
const dynamic =
  /\.\.\.\s*require\(|Object\.(?:assign|defineProperty|defineProperties|entries|keys)\(|\bexports\[|__exportStar/;
const specifiers = /\b(?:from|import|require)\b\s*\(?\s*['"]([^'"\n]+)['"]/g;

/** Whether a script puts its exports together from modules, of which one has the symbol. */
function mayHandOn(session: CodeSession, module: string, targets: Targets): boolean {
  const own = new Set(targets.all().map(({ place }) => place.path));
  const seen = new Set([module]);
  if (!/\.[cm]?jsx?$/.test(module) || own.has(module)) return false;
  if (!dynamic.test(session.files.read(module)?.text ?? '')) return false;
  for (const path of seen) {
    if (path !== module && own.has(path)) return true;
    for (const [, specifier = ''] of (session.files.read(path)?.text ?? '').matchAll(specifiers)) {
      const next = session.resolveImport(path, specifier);
      if (next !== undefined && seen.size < modulesMax) seen.add(next);
    }
  }
  return false;
}

/** The specifier of a local import that could not be resolved: the imported name might be the symbol. */
function unresolvedImport(
  session: CodeSession,
  open: Open,
  { name }: RenamedSymbol,
  targets: Targets,
): string | undefined {
  const { path } = open;
  const specifier = importOf(session, open);
  if (specifier === undefined) return undefined;
  const module = session.resolveImport(path, specifier);
  // A script that hands on built code exports the same names: they are unknown until the code is built.
  if (module !== undefined) return isFront(session, module) ? specifier : undefined;
  if (!specifier.startsWith('.') && !specifier.startsWith('/'))
    return mayBeAlias(specifier, targets) ? specifier : undefined;
  return builtOfTarget(session, { path, specifier, name }, targets) === false ? undefined : specifier;
}

/** Beginnings that no package has, and modules of that kind that frameworks make themselves. */
const aliasBeginning = /^(?:[~$#]|@\/)/;
const virtual = /^(?:\$app\/|\$env\/|\$service-worker$|#app(?:\/|$)|#build\/|~icons\/)/;

/**
 * Whether a specifier that no configuration explains may be an alias of a module with a target: bundlers and frameworks
 * have aliases of their own. One that could be a package's name counts only where its end is that of such a module.
 */
function mayBeAlias(specifier: string, targets: Targets): boolean {
  if (virtual.test(specifier)) return false;
  if (aliasBeginning.test(specifier)) return true;
  const bare = specifier.replace(/(?:\.d)?\.[cm]?[jt]sx?$/, '');
  const rest = bare.startsWith('@') ? bare.slice(bare.indexOf('/')) : `/${bare}`;
  if (rest.lastIndexOf('/') <= 0 && !bare.startsWith('@')) return false;
  return targets.all().some(({ place }) => {
    const stem = `/${place.path}`.replace(/(?:\.d)?\.\w+$/, '');
    return stem.endsWith(rest) || stem.replace(/\/index$/, '').endsWith(rest);
  });
}

/** The module that a name comes from as far as its own file says; undefined: it is declared elsewhere, or not imported. */
export function importOf(session: CodeSession, { path, node, declared }: Open): string | undefined {
  const file = session.files.read(path);
  if (file === undefined || declared.some((place) => place.path !== path)) return undefined;
  const at = declared.length === 0 ? node : (identifiers(file, node.text()).get(declared[0]!.offset) ?? node);
  return importedFrom(file, at);
}

/** Whether a module hands on, as a whole, another that is no file of the workspace: `module.exports = require('./dist/…')`. */
function isFront(session: CodeSession, path: string): boolean {
  const text = session.files.read(path)?.text ?? '';
  const handedOn = /(?:\bmodule\.exports\s*=\s*require\(\s*|\bexport\s*\*\s*from\s*)(['"])(\.[^'"]*)\1/g;
  return [...text.matchAll(handedOn)].some(
    ([, , specifier = '']) => session.resolveImport(path, specifier) === undefined,
  );
}
