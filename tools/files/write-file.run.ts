import { lstat } from 'node:fs/promises';
import type { Prepare } from '../contracts/tool.ts';
import type { WriteFileArguments } from '../contracts/write-file.ts';
import { sha256Of } from './bytes.ts';
import { byteOrderMark, readEditableFile, withLineEnds } from './editable-file.ts';
import { workspaceRelative } from './workspace-path.ts';

export const prepare: Prepare<WriteFileArguments> = async (wanted, context) => {
  const absolute = context.resolve(wanted.path);
  const path = workspaceRelative(wanted.path, context.workspace);
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
  const start = file.hasMark ? byteOrderMark.length : 0;
  const text = withLineEnds(wanted.content.replace(/^\uFEFF/, ''), file.lineEnd);
  const after = Buffer.concat([file.bytes.subarray(0, start), Buffer.from(text, 'utf8')]);
  if (after.equals(file.bytes)) return { text: `${path} has this content already.` };
  const kept = [...(file.hasMark ? ['byte-order mark'] : []), ...(file.lineEnd === '\r\n' ? ['CRLF line ends'] : [])];
  return {
    text: `Replaced ${path} (${after.length} bytes${kept.length > 0 ? `, ${kept.join(' and ')} kept` : ''}).`,
    changes: [
      {
        ...{ kind: 'edit', path, before: sha256Of(file.bytes), after: sha256Of(after) },
        edits: [{ start, end: file.bytes.length, text }],
      },
    ],
  };
};
