import * as z from 'zod/mini';

/** A place in a file: line and column from 1, columns in UTF-16 code units, as editors count. */
export const atPlace = z.object({
  path: z.string().check(z.minLength(1)),
  line: z.number().check(z.gte(1)),
  column: z.number().check(z.gte(1)),
});
export type PlaceArguments = z.infer<typeof atPlace>;
