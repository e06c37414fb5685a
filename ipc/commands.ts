import * as z from 'zod/mini';

/** A message to an agent of a run: the argument of the command `say`. */
const told = z.object({ agent: z.string(), text: z.string() });
export type Told = z.infer<typeof told>;

export function writeTold(words: Told): string {
  return JSON.stringify(words);
}

/** Null: the text was not made by `writeTold`. */
export function readTold(argument: string): Told | null {
  try {
    return told.parse(JSON.parse(argument));
  } catch {
    return null;
  }
}
