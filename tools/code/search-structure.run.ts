import type { SearchStructureArguments } from '../contracts/search-structure.ts';
import type { Prepare } from '../contracts/tool.ts';
import { placeText } from '../files/text-file.ts';
import { findStructure } from './structure-matching.ts';

/** More matches would fill a model's context unread; the answer tells the number of all matches. */
const matchesMax = 200;
const lineCharactersMax = 200;

export const prepare: Prepare<SearchStructureArguments> = async (parsed, context) => {
  const found = await findStructure(parsed, context);
  if (typeof found === 'string') return { text: found, isError: true };
  const lines = found.files.flatMap(({ file, matches }) =>
    matches.map((match) => `${placeText(file, match.range().start.index)}: ${shortened(match.text())}`),
  );
  const total = lines.length;
  const shown = lines.slice(0, matchesMax);
  if (total > matchesMax) shown.push(`… and ${total - matchesMax} more; narrow the pattern or the paths.`);
  for (const path of found.unread) shown.push(`${path}: not read, it is too large or not UTF-8`);
  for (const { file, offset } of found.beside) shown.push(`${placeText(file, offset)}: not parsed, around a script`);
  const head =
    total === 0 ? 'No match.' : `${total} ${total === 1 ? 'match' : 'matches'} in ${found.files.length} files`;
  return { text: [head, ...shown].join('\n'), data: { matches: total, files: found.files.length } };
};

function shortened(code: string): string {
  const [first = '', ...rest] = code.split(/\r?\n/);
  const line = first.length > lineCharactersMax ? `${first.slice(0, lineCharactersMax)}…` : first;
  return rest.length > 0 ? `${line} … (${rest.length + 1} lines)` : line;
}
