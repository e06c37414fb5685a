import type { CodePosition } from '../code/code-questions.ts';
import type { CodeSession } from '../code/code-session.ts';
import { declarationsIn } from '../code/declarations.ts';
import { isTypes } from '../code/nested-twins.ts';
import { enclosing, identifiers, isSame, kindOf } from '../code/syntax.ts';
import { isCopy } from '../files/source-files.ts';
import type { TextFile } from '../files/text-file.ts';
import type { RenamedSymbol, Targets } from './rename-targets.ts';

/**
 * Why a place may be a use of a symbol of JavaScript although the server takes it for another: the server reads a `.d.ts`
 * that a person wrote for the script, and no link leads from there to the script. undefined: it is another.
 */
export function describedElsewhere(
  session: CodeSession,
  { path, offset, declared }: CodePosition & { declared: readonly CodePosition[] },
  symbol: RenamedSymbol,
  targets: Targets,
): string | undefined {
  if (!symbol.isVisibleOutside || !targets.all().some(({ place }) => /\.[cm]?jsx?$/.test(place.path))) return undefined;
  const byHand = (one: string) =>
    isTypes(one) && !isCopy(one) && isModule(session, one) && !describes(session, one, symbol);
  if (byHand(path)) {
    const file = session.files.read(path)!;
    const own = declarationsIn(file, symbol.name).find((one) => one.offset === offset);
    const fits = symbol.isMember
      ? own?.level === 'member' && own.container === symbol.container
      : own !== undefined && (own.level === 'module' || isOfValue(file, offset, symbol.name));
    return fits ? 'this declaration may describe the symbol' : undefined;
  }
  // The first says what the name itself stands for; others are behind it, as the type of what is called.
  const [place] = declared;
  if (place === undefined || place.offset < 0 || !byHand(place.path)) return undefined;
  const isHandedOn = symbol.handedOn.has(valueBefore(session, path, offset));
  if (!isHandedOn && !describedElsewhere(session, { ...place, declared: [] }, symbol, targets)) return undefined;
  return `${place.path} declares it, and may describe the symbol`;
}

/** Whether a member is one of a namespace or of an object, as against those of classes and interfaces. */
function isOfValue(file: TextFile, offset: number, name: string): boolean {
  const node = identifiers(file, name).get(offset);
  const own = node?.parent();
  const above = own && isSame(own.field('name'), node!) ? own.parent() : own;
  const kinds = ['interface_declaration', 'class_declaration', 'abstract_class_declaration', 'type_alias_declaration'];
  const values = ['internal_module', 'module', 'variable_declarator'];
  const found = above ? enclosing(above, [...kinds, 'enum_declaration', ...values]) : undefined;
  return values.includes(kindOf(found));
}

/** The last word before the dot: `faults` in `pump.faults.BadInput`; '' for none. */
function valueBefore(session: CodeSession, path: string, offset: number): string {
  const before = session.files.read(path)?.text.slice(Math.max(0, offset - 200), offset) ?? '';
  return /([\w$]+)\s*\??\.\s*$/.exec(before)?.[1] ?? '';
}

const isModule = (session: CodeSession, path: string): boolean =>
  /^\s*(?:export|import)\b/m.test(session.files.read(path)?.text ?? '');

/** Whether the script beside a declaration file has a thing of the name itself. */
function describes(session: CodeSession, path: string, { name }: RenamedSymbol): boolean {
  const beside = path.replace(/\.d\.([cm]?)ts$/, '.$1js');
  const file = session.files.list.includes(beside) ? session.files.read(beside) : undefined;
  return file !== undefined && declarationsIn(file, name).length > 0;
}
