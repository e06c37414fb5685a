import { Lang, parse } from '@ast-grep/napi';
import { type Node, startOf } from './syntax.ts';

/** A string of a JSON text, with the keys above it; comments and trailing commas are allowed. */
export type JsonString = {
  value: string;
  /** Offsets of the text between the quotes. */
  start: number;
  end: number;
  /** From the top; an element of a list has the key of the list. */
  keys: string[];
  isKey: boolean;
};

/** Every string without an escape, in order. A text that is no JSON gives those that can be made out. */
export function jsonStrings(text: string): JsonString[] {
  // As an expression, JSON with comments is JavaScript; one bracket goes before it.
  const root = parse(Lang.JavaScript, `(${text})`).root();
  return root.findAll({ rule: { kind: 'string' } }).flatMap((node) => {
    const written = node.text();
    if (written.includes('\\')) return [];
    const keys = keysAbove(node);
    const isKey = node.parent()?.kind() === 'pair' && node.parent()?.field('key')?.id() === node.id();
    const start = startOf(node);
    return [{ value: written.slice(1, -1), start, end: start + written.length - 2, keys, isKey }];
  });
}

function keysAbove(node: Node): string[] {
  const pairs = node.ancestors().filter((above) => above.kind() === 'pair');
  return pairs.map((pair) => (pair.field('key')?.text() ?? '').replace(/^["']|["']$/g, '')).toReversed();
}
