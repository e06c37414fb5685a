import type { Step } from '../../schedule/due.ts';

/** Accepts the plan for the person who started the run with `--yes`. */
export const accept: Step<'accept', unknown> = async () => [{ type: 'plan.accepted', by: '--yes', dropChecks: [] }];
