import { createRequire } from 'node:module';
import type { ParseError, Script } from 'unbash';

type Parser = typeof import('unbash');
let parser: Parser | undefined;

/** The tree of a shell line, and whether all of it was understood. The parser is loaded with the first line. */
export function parseLine(line: string): Script & { errors?: readonly ParseError[] | undefined } {
  parser ??= createRequire(import.meta.url)('unbash') as Parser;
  return parser.parse(line);
}
