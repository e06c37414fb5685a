import type { Perform } from '../context.ts';

/** Accepts the plan in the name of whoever started the run with `--yes`. */
export const accept: Perform<'accept'> = async () => [{ type: 'plan.accepted', by: '--yes', dropChecks: [] }];
