import { stat } from 'node:fs/promises';
import type { ListFilesArguments } from '../contracts/list-files.ts';
import type { Prepare } from '../contracts/tool.ts';
import { ripgrep, unreadNote } from './ripgrep.ts';
import { placeOf } from './workspace-path.ts';

export const prepare: Prepare<ListFilesArguments> = async ({ path, glob, limit }, context) => {
  const folder = context.resolve(path);
  const found = await stat(folder).catch(() => undefined);
  if (!found) return { text: `${path} does not exist.`, isError: true };
  const options = ['--files', ...(glob === undefined ? [] : ['--glob', glob])];
  const listed = await ripgrep(options, [placeOf(folder, context.workspace)], limit, context);
  if (listed.failure) return { text: `The list could not be made: ${listed.failure}`, isError: true };
  const files = listed.lines.map((line) => line.replace(/^\.\//, ''));
  if (files.length === 0)
    return { text: `No files${glob ? ` match ${glob}` : ''} in ${path}.${unreadNote(listed.unread)}`, data: { files } };
  const note = listed.cut ? `\n[the first ${files.length}; there are more: narrow with path or glob]` : '';
  return { text: `${files.join('\n')}${note}${unreadNote(listed.unread)}`, data: { files, cut: listed.cut } };
};
