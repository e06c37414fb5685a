import { join, posix } from 'node:path';
import type { CodePosition } from '../code/code-questions.ts';
import type { CodeSession } from '../code/code-session.ts';
import { declarationsIn } from '../code/declarations.ts';
import { isTypes } from '../code/nested-twins.ts';
import { identifiers, kindOf, type Node, startOf } from '../code/syntax.ts';
import { readManifest } from '../code/workspace-packages.ts';
import { isCopy } from '../files/source-files.ts';
import type { RenamedSymbol } from './rename-targets.ts';

/**
 * Members that a person declared in a `.d.ts` and that JavaScript implements. No link leads from the one to the other:
 * `interface Logger { bind(): void }` describes an object that some script of the package makes.
 */
const script = /\.[cm]?jsx?$/;

/** The scripts that hand-written declarations describe: the package's main script and all that it imports. */
export function scriptsDescribedBy(
  session: CodeSession,
  workspace: string,
  declarations: readonly { path: string }[],
): Set<string> {
  const found = new Set<string>();
  const listed = new Set(session.files.list);
  const paths = declarations.map(({ path }) => path).filter((path) => isTypes(path) && !isCopy(path));
  for (let next = paths.flatMap((path) => mainScripts(workspace, path, listed)); next.length > 0; ) {
    for (const path of next) found.add(path);
    next = [...new Set(next.flatMap((path) => imported(session, path)))].filter((path) => !found.has(path));
  }
  return found;
}

/** The script beside a declaration file, and the main script of a package whose types are written by hand. */
function mainScripts(workspace: string, types: string, listed: ReadonlySet<string>): string[] {
  const beside = types.replace(/\.d\.([cm]?)ts$/, '.$1js');
  const found = listed.has(beside) ? [beside] : [];
  for (let folder = posix.dirname(types); ; folder = posix.dirname(folder)) {
    const manifest = readManifest(join(workspace, folder, 'package.json'));
    const entry = manifest?.types ?? manifest?.typings;
    if (manifest !== undefined && typeof entry === 'string' && listed.has(posix.join(folder, entry))) {
      const main = posix.join(folder, typeof manifest.main === 'string' ? manifest.main : 'index.js');
      found.push(...[main, `${main}.js`, posix.join(main, 'index.js')].filter((path) => listed.has(path)));
    }
    if (manifest !== undefined || folder === '.') return found;
  }
}

const specifiers = /\b(?:from|import|require)\b\s*\(?\s*['"]([^'"\n]+)['"]/g;

function imported(session: CodeSession, path: string): string[] {
  return [...(session.files.read(path)?.text ?? '').matchAll(specifiers)].flatMap(([, specifier = '']) => {
    const module = session.resolveImport(path, specifier);
    // An import of a script leads to the `.d.ts` beside it.
    const own = module?.replace(/\.d\.([cm]?)ts$/, '.$1js');
    return own !== undefined && script.test(own) && session.files.list.includes(own) ? [own] : [];
  });
}

/** Why a place in a script may be the member that a `.d.ts` declares; undefined: it is another. */
export function implementedHere(
  session: CodeSession,
  symbol: RenamedSymbol,
  { path, offset, declared }: CodePosition & { declared: readonly CodePosition[] },
): string | undefined {
  const { scripts, isMethod } = symbol.described;
  if (scripts.size === 0) return undefined;
  if (scripts.has(path) && isMember(session, symbol.name, { path, offset }, isMethod))
    return 'a declaration by hand may describe this member';
  const [place] = declared;
  if (place === undefined || !scripts.has(place.path) || !isMember(session, symbol.name, place, isMethod))
    return undefined;
  return `${place.path} declares it, and a declaration by hand may describe that`;
}

const plainValues = new Set([
  ...['string', 'template_string', 'number', 'true', 'false', 'null', 'undefined', 'array', 'object', 'regex'],
  ...['unary_expression', 'binary_expression'],
]);

/** Whether a member of an object or class is declared there; of a method, only where the value may be a function. */
function isMember(session: CodeSession, name: string, { path, offset }: CodePosition, isMethod: boolean): boolean {
  const file = session.files.read(path);
  const node = file && identifiers(file, name).get(offset);
  if (!file || !node) return false;
  if (kindOf(node) === 'shorthand_property_identifier') return true;
  const parent = node.parent();
  const isKey = kindOf(parent) === 'pair' && startOf(parent!.field('key')!) === offset;
  const own = declarationsIn(file, name).find((one) => one.offset === offset);
  if (!isKey && own?.level !== 'member' && own?.kind !== 'export') return false;
  return !isMethod || !plainValues.has(kindOf(givenValue(parent)));
}

/** The value that a pair, a field or an assignment to a member gives it. */
function givenValue(parent: Node | null): Node | null | undefined {
  const value = parent?.field('value');
  return value ?? (kindOf(parent?.parent()) === 'assignment_expression' ? parent!.parent()!.field('right') : undefined);
}

/** Whether a declaration is one of a method. */
export function isMethodAt(session: CodeSession, name: string, { path, offset }: CodePosition): boolean {
  const file = session.files.read(path);
  const parent = file && identifiers(file, name).get(offset)?.parent();
  return /^(?:abstract_)?method_/.test(kindOf(parent)) || /^:\s*\(/.test(parent?.field('type')?.text() ?? '');
}
