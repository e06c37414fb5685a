import * as z from 'zod/mini';

/** The hand-over of an agent at the end of its work. */
export const handoff = z.object({
  outcome: z.enum(['done', 'cannot']),
  summary: z.string(),
  code: z.optional(z.string()),
  facts: z.optional(z.array(z.string())),
  files: z.optional(z.array(z.string())),
  verification: z.optional(z.string()),
  open_questions: z.optional(z.array(z.string())),
});
