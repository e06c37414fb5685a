import * as z from 'zod/mini';

/**
 * The answer of every mechanical refactoring tool (rename_symbol, move_module, change_import, rewrite_structure), as
 * the JSON text of its result. The host gets the full list of sites in the result's `data.sites`; the model does not.
 */
export const mechanicalReport = z.object({
  /** `ok`: complete. `unplaced`: done, except for the places listed. The others: nothing was changed. */
  status: z.enum(['ok', 'unplaced', 'nothing', 'not_found', 'ambiguous', 'clash', 'refused']),
  /** One or two sentences for a person: the result, or the reason for a failure and the next step. */
  message: z.string(),
  counts: z.object({ target: z.number(), otherSymbol: z.number(), text: z.number(), unplaced: z.number() }),
  /** Files that change, each with its number of target sites; the first `filesMax` of them. */
  files: z.array(z.tuple([z.string(), z.number()])),
  /** Places that could not be decided: `path:line:column reason`, the first 50. */
  unplaced: z.array(z.string()),
  /** For `not_found` and `ambiguous`: possible meanings, `path:line:column kind name`, the first 20. */
  candidates: z.array(z.string()),
});
export type MechanicalReport = z.infer<typeof mechanicalReport>;

/** Words behind the goal of a rename that ask for more: the embedded model reads them, other models understand them. */
export const renameWords = {
  text: 'also in strings, comments and documents',
  takeUnplaced: 'also where it cannot be decided',
};

export const filesMax = 2_000;
