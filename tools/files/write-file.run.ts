import { lstat } from 'node:fs/promises';
import { relative } from 'node:path';
import type { Prepare } from '../contracts/tool.ts';
import type { WriteFileArguments } from '../contracts/write-file.ts';
import { sha256Of } from './bytes.ts';
import { changeOf, readEditableFile, withLineEnds } from './editable-file.ts';

export const prepare: Prepare<WriteFileArguments> = async (wanted, context) => {
  const absolute = context.resolve(wanted.path);
  const path = relative(context.workspace, absolute);
  const bytes = Buffer.byteLength(wanted.content);
  if (bytes > context.limits.fileBytesMax)
    return { text: `The content has ${bytes} bytes; the limit is ${context.limits.fileBytesMax}.`, isError: true };
  const existing = await lstat(absolute).catch(() => undefined);
  if (!existing) {
    const { content, executable } = wanted;
    return {
      text: `Created ${path} (${bytes} bytes).`,
      changes: [{ kind: 'create', path, after: sha256Of(content), content, executable }],
    };
  }
  const file = await readEditableFile(wanted.path, context);
  if ('refused' in file) return { text: file.refused, isError: true };
  const text = withLineEnds(wanted.content.replace(/^\uFEFF/, ''), file.lineEnd);
  if (text === file.text) return { text: `${path} has this content already.` };
  const change = changeOf(file, [{ start: 0, end: file.text.length, text }]);
  if (typeof change === 'string') return { text: change, isError: true };
  const kept = [
    ...(file.encoding === 'utf8' ? [] : [file.encoding]),
    ...(file.markBytes > 0 ? ['byte-order mark'] : []),
    ...(file.lineEnd === '\r\n' ? ['CRLF line ends'] : []),
  ];
  return {
    text: `Replaced ${path} (${bytes} bytes${kept.length > 0 ? `, ${kept.join(' and ')} kept` : ''}).`,
    changes: [change],
  };
};
