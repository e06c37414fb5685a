import type { CodePosition, PlaceEdit } from '../code/code-questions.ts';
import { enclosing, isSame, kindOf, type Node } from '../code/syntax.ts';

export type Occurrence = CodePosition & { placement: 'target' | 'other_symbol' | 'text' | 'unplaced'; reason?: string };
/** An occurrence that is not placed yet, with where the server says that it is declared. */
export type Open = CodePosition & { node: Node; declared: CodePosition[] };
export type RenamedSymbol = {
  name: string;
  isMember: boolean;
  isVisibleOutside: boolean;
  /** The class, interface or object that has the member. */
  container?: string | undefined;
  /** Names under which scripts hand on the module of the symbol as a whole (`exports.faults = require('./faults')`). */
  handedOn: ReadonlySet<string>;
  /** Scripts that the `.d.ts` with the member describes, and whether the member is a method. */
  described: { scripts: ReadonlySet<string>; isMethod: boolean };
};

/**
 * The places a rename will change, each with the halves of it that get the new name.
 *
 * `{ x }` is two names in one word: a property, an imported or an exported name (`outer`), and a variable (`local`).
 * Which of them is renamed decides between `{ y }`, `{ y: x }` and `{ x: y }`.
 */
export const outer = 1;
export const local = 2;
export const both = outer | local;

export type Target = { place: CodePosition; end: number; halves: number; node: Node | undefined };

export class Targets {
  readonly #byPlace = new Map<string, Target>();
  readonly #from: string;
  readonly #to: string;

  constructor(from: string, to: string) {
    this.#from = from;
    this.#to = to;
  }

  get(place: CodePosition): Target | undefined {
    return this.#byPlace.get(keyOf(place));
  }

  all(): Target[] {
    return [...this.#byPlace.values()];
  }

  /** Adds halves of a place. Returns whether that is news. */
  add(place: CodePosition, halves: number, node?: Node): boolean {
    const known = this.get(place);
    if (known === undefined) {
      const end = place.offset + this.#from.length;
      this.#byPlace.set(keyOf(place), { place: { path: place.path, offset: place.offset }, end, halves, node });
      return true;
    }
    const news = (known.halves | halves) !== known.halves;
    known.halves |= halves;
    known.node ??= node;
    return news;
  }

  /** Leaves only these halves of a place; 0: it is not renamed. */
  narrow(place: CodePosition, halves: number): void {
    const known = this.get(place);
    if (known === undefined) return;
    known.halves &= halves;
    if (known.halves === 0) this.#byPlace.delete(keyOf(place));
  }

  /** Takes in an edit of the server, which says by its text which half it means. */
  addEdit(edit: PlaceEdit): void {
    const [from, to] = [this.#from, this.#to];
    // The server may take the `#` of a private name or the quotes of a property into its range.
    const shift = Math.max(0, edit.end - edit.offset - from.length) === 2 ? 1 : 0;
    const isOuter = edit.text === `${to}: ${from}` || edit.text === `${to} as ${from}`;
    const isLocal = edit.text === `${from}: ${to}` || edit.text === `${from} as ${to}`;
    this.add({ path: edit.path, offset: edit.offset + shift }, isOuter ? outer : isLocal ? local : both);
  }

  /**
   * Whether a use that is declared at the place is a use of a renamed name. A place renamed by half counts only if that
   * half is what others see: the property of an object's `{ x }`, the variable of a pattern's or an import's.
   */
  declares(place: CodePosition): boolean {
    const target = this.get(place);
    if (target === undefined) return false;
    if (target.halves === both) return true;
    const seen = kindOf(target.node) === 'shorthand_property_identifier' ? outer : local;
    return (target.halves & seen) !== 0;
  }

  /** The text at the place after the rename. */
  textAt(target: Target): string {
    const [from, to] = [this.#from, this.#to];
    if (target.halves === both) return to;
    const word = isSpecifier(target.node) ? ' as ' : ': ';
    return target.halves === outer ? `${to}${word}${from}` : `${from}${word}${to}`;
  }
}

export const keyOf = ({ path, offset }: CodePosition): string => `${path}\0${offset}`;

/** `{ x }` in an import or export: not `{ x as y }`, whose words are separate places. */
export function isSpecifier(node: Node | undefined): boolean {
  const parent = node?.parent();
  return ['import_specifier', 'export_specifier'].includes(kindOf(parent)) && !parent?.field('alias');
}

/** `const { x } = require(…)` and `const x = require(…).x`: declarations that are imports by another name. */
export function isRequireBinding(node: Node): boolean {
  const kind = kindOf(node);
  const declarator = enclosing(node, ['variable_declarator', 'statement_block', 'program']);
  if (kindOf(declarator) !== 'variable_declarator') return false;
  const isName = isSame(declarator!.field('name'), node);
  const isShorthand = kind === 'shorthand_property_identifier_pattern';
  if (!isName && !isShorthand) return false;
  return /^require\s*\(/.test(declarator!.field('value')?.text() ?? '');
}
