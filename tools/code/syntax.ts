import { Lang, parse, type SgNode } from '@ast-grep/napi';
import type { TextFile } from '../files/text-file.ts';
import { scriptsIn } from './script-blocks.ts';

/**
 * Syntax of TypeScript and JavaScript as tree-sitter sees it: no types, but always an answer, also for broken code.
 * Offsets are those of `TextFile.text`.
 */
export type Node = SgNode;

/** Files up to this size are parsed: beyond it lie bundles and data, not code that a person writes. */
export const parseCharactersMax = 4_000_000;

const trees = new WeakMap<TextFile, Node>();

/** The tree of a file, parsed once; of one with scripts inside, the tree of those. */
export function tree(file: TextFile): Node {
  const known = trees.get(file);
  if (known) return known;
  const { path, text } = scriptsIn(file) ?? file;
  const root = parse(languageOf(path), text).root();
  trees.set(file, root);
  return root;
}

function languageOf(path: string): Lang {
  if (/\.[cm]?ts$/.test(path)) return Lang.TypeScript;
  return path.endsWith('.tsx') ? Lang.Tsx : Lang.JavaScript;
}

const unparsed = new WeakMap<TextFile, boolean>();

/** Whether the parser could not make sense of a part of the file. Its nodes there are right, the ones above them are not. */
export function isUnparsed(file: TextFile): boolean {
  const known = unparsed.get(file) ?? tree(file).find({ rule: { kind: 'ERROR' } }) !== null;
  unparsed.set(file, known);
  return known;
}

const commented = new WeakMap<TextFile, { start: number; end: number }[]>();

export function isInComment(file: TextFile, offset: number): boolean {
  return comments(file).some(({ start, end }) => start <= offset && offset < end);
}

/** Where the comments of a file stand, in order. */
export function comments(file: TextFile): { start: number; end: number }[] {
  const known =
    commented.get(file) ??
    tree(file)
      .findAll({ rule: { kind: 'comment' } })
      .map(spanOf);
  commented.set(file, known);
  return known;
}

const spanOf = (node: Node) => ({ start: startOf(node), end: endOf(node) });

/** Whether the file is parsed as TypeScript: the grammar of JavaScript refuses a rule that names kinds only types have. */
export const isTyped = (file: TextFile): boolean => languageOf(scriptsIn(file)?.path ?? file.path) !== Lang.JavaScript;

/** The identifier as its offsets in a text, wherever it stands as a whole word: code, strings, comments. */
export function wordOffsets(text: string, word: string): number[] {
  const escaped = word.replace(/[$]/g, '\\$&');
  const whole = new RegExp(
    `(?<![\\p{ID_Continue}$\\u200c\\u200d])${escaped}(?![\\p{ID_Continue}$\\u200c\\u200d])`,
    'gu',
  );
  return [...text.matchAll(whole)].map((match) => match.index);
}

/** Whether the word at the offset is a mere use by a dot (`x.word`): it declares nothing, as `x.word = …` may. */
export function isDotUse(text: string, offset: number, word: string): boolean {
  if (text[offset - 1] !== '.' || text[offset - 2] === '.') return false;
  const behind = /\S/g;
  behind.lastIndex = offset + word.length;
  return !/[=/]/.test(behind.exec(text)?.[0] ?? '');
}

const identifierKinds = [
  'identifier',
  'property_identifier',
  'shorthand_property_identifier',
  'shorthand_property_identifier_pattern',
  'private_property_identifier',
  'statement_identifier',
];

const found = new WeakMap<TextFile, Map<string, ReadonlyMap<number, Node>>>();

/** Nodes that are the identifier itself, by their offset. The word anywhere else is text. */
export function identifiers(file: TextFile, name: string): ReadonlyMap<number, Node> {
  const byName = found.get(file) ?? new Map<string, ReadonlyMap<number, Node>>();
  found.set(file, byName);
  const known = byName.get(name) ?? identifierNodes(file, name);
  byName.set(name, known);
  return known;
}

function identifierNodes(file: TextFile, name: string): Map<number, Node> {
  const result = new Map<number, Node>();
  if (file.text.length > parseCharactersMax) return result;
  const kinds = isTyped(file) ? [...identifierKinds, 'type_identifier'] : identifierKinds;
  const rule = {
    all: [{ any: kinds.map((kind) => ({ kind })) }, { regex: `^${name.replace(/[$]/g, '\\$')}$` }],
  };
  for (const node of tree(file).findAll({ rule })) result.set(startOf(node), node);
  return result;
}

export const startOf = (node: Node): number => node.range().start.index;
export const endOf = (node: Node): number => node.range().end.index;
export const isSame = (a: Node | null | undefined, b: Node): boolean => a?.id() === b.id();
export const kindOf = (node: Node | null | undefined): string => (node ? String(node.kind()) : '');

/** The nearest node at or above of one of the kinds. */
export function enclosing(node: Node, kinds: readonly string[]): Node | undefined {
  for (let at: Node | null = node; at; at = at.parent()) if (kinds.includes(kindOf(at))) return at;
  return undefined;
}

/** The text of a string literal without its quotes; undefined for anything else, and for one with escapes. */
export function stringValue(node: Node | null | undefined): string | undefined {
  if (!node || kindOf(node) !== 'string') return undefined;
  const text = node.text();
  return text.includes('\\') ? undefined : text.slice(1, -1);
}
