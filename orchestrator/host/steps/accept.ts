import type { Step } from '../../schedule/due.ts';

/** Accepts the plan in the name of whoever started the run with `--yes`. */
export const accept: Step<'accept', unknown> = async () => [{ type: 'plan.accepted', by: '--yes', dropChecks: [] }];
