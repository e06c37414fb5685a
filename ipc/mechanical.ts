import * as z from 'zod/mini';

/**
 * What every mechanical refactoring tool (rename_symbol, move_module, change_import, rewrite_structure) answers, as the
 * JSON text of its result. The full list of sites goes into the result's `data.sites` for the host, not to the model.
 */
export const mechanicalReport = z.object({
  /** `ok`: complete. `unplaced`: done but for the places listed. The others: nothing was changed. */
  status: z.enum(['ok', 'unplaced', 'nothing', 'not_found', 'ambiguous', 'clash', 'refused']),
  /** One or two sentences for a person: what was found, or why not and what to do next. */
  message: z.string(),
  counts: z.object({ target: z.number(), otherSymbol: z.number(), text: z.number(), unplaced: z.number() }),
  /** Files that change, each with its number of target sites; the first `filesMax` of them. */
  files: z.array(z.tuple([z.string(), z.number()])),
  /** Places that could not be decided: `path:line:column reason`, the first 50. */
  unplaced: z.array(z.string()),
  /** For `not_found` and `ambiguous`: what may have been meant, `path:line:column kind name`, the first 20. */
  candidates: z.array(z.string()),
});
export type MechanicalReport = z.infer<typeof mechanicalReport>;

export const filesMax = 2_000;
