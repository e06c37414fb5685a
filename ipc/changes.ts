import * as z from 'zod/mini';

/**
 * File changes: the changes that a writing tool wants to make to the work tree, as data.
 *
 * A tool computes changes without touching a file. The host judges and records them, then the hands apply them. A
 * change carries the SHA-256 (hex) of the raw bytes before and after, so that a later process can tell whether it was
 * done, was not done, or met a file that another program changed.
 *
 * Paths are POSIX, relative to the work tree's top, without `.` or `..` segments.
 * Edit positions are byte offsets into the raw bytes before the change, ascending and not overlapping; everything
 * outside them stays byte for byte (line ends, byte-order mark, encoding, final newline).
 */
const encoding = z.enum(['utf8', 'utf16le', 'utf16be', 'windows-1252']);
export type Encoding = z.infer<typeof encoding>;

export const byteEdit = z.object({ start: z.number(), end: z.number(), text: z.string() });
export type ByteEdit = z.infer<typeof byteEdit>;

export const fileChange = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('edit'),
    path: z.string(),
    before: z.string(),
    after: z.string(),
    edits: z.array(byteEdit),
    /** Of the edits' text; absent: UTF-8. */
    encoding: z.optional(encoding),
  }),
  z.object({
    kind: z.literal('create'),
    path: z.string(),
    after: z.string(),
    content: z.string(),
    executable: z.boolean(),
  }),
  z.object({ kind: z.literal('delete'), path: z.string(), before: z.string() }),
  z.object({
    kind: z.literal('move'),
    from: z.string(),
    path: z.string(),
    before: z.string(),
    after: z.string(),
    edits: z.array(byteEdit),
    /** Of the edits' text; absent: UTF-8. */
    encoding: z.optional(encoding),
  }),
]);
export type FileChange = z.infer<typeof fileChange>;

/** The result of applying one change: `already` means that the file had the wanted state before. */
export const changeOutcome = z.object({
  path: z.string(),
  outcome: z.enum(['done', 'already', 'conflict']),
  reason: z.optional(z.string()),
});
export type ChangeOutcome = z.infer<typeof changeOutcome>;

/** Every path that a change creates, alters or removes. */
export function changedPaths(change: FileChange): string[] {
  return change.kind === 'move' ? [change.from, change.path] : [change.path];
}
