import { stat } from 'node:fs/promises';
import type { SearchArguments } from '../contracts/search.ts';
import type { Prepare } from '../contracts/tool.ts';
import { ripgrep, unreadNote } from './ripgrep.ts';
import { placeOf } from './workspace-path.ts';

/** Longer lines (minified code) are cut, in characters: one match must not fill the answer. */
const lineMax = 400;

export const prepare: Prepare<SearchArguments> = async (wanted, context) => {
  const place = context.resolve(wanted.path);
  const target = await stat(place).catch(() => undefined);
  if (!target) return { text: `${wanted.path} does not exist.`, isError: true };
  // A read from a pipe would never end.
  if (!target.isFile() && !target.isDirectory())
    return { text: `${wanted.path} is neither a file nor a folder.`, isError: true };
  const options = [
    ...['--line-number', '--no-heading', '--with-filename', '--max-columns', String(lineMax), '--max-columns-preview'],
    ...(wanted.files_only ? ['--files-with-matches'] : []),
    ...(wanted.literal ? ['--fixed-strings'] : []),
    ...(wanted.ignore_case ? ['--ignore-case'] : []),
    ...(wanted.word ? ['--word-regexp'] : []),
    ...(wanted.context > 0 ? ['--context', String(wanted.context)] : []),
    ...(wanted.glob === undefined ? [] : ['--glob', wanted.glob]),
    // A search leaves out files of keys; a call that names such a file outright still searches it.
    ...context.hidden.flatMap((glob) => ['--iglob', `!**/${glob}`]),
    `--regexp=${wanted.pattern}`,
  ];
  const found = await ripgrep(options, [placeOf(place, context.workspace)], wanted.limit, context);
  if (found.failure) {
    const advice = wanted.literal ? '' : '\nSet `literal` to search for the text as it is.';
    return { text: `The search failed: ${found.failure}${advice}`, isError: true };
  }
  if (found.lines.length === 0)
    return {
      text: `No match ${wanted.path === '.' ? 'in the work tree' : `in ${wanted.path}`}.${unreadNote(found.unread)}`,
      data: { lines: 0 },
    };
  const lines = found.lines.map((line) => line.replace(/^\.\//, ''));
  const note = found.cut
    ? `\n[the first ${lines.length} lines; there are more: narrow with path, glob or pattern]`
    : '';
  return {
    text: `${lines.join('\n')}${note}${unreadNote(found.unread)}`,
    data: { lines: lines.length, cut: found.cut },
  };
};
