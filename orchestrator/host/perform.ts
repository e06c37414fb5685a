import type { EventBody } from '../../ipc/events.ts';
import { agent } from '../agent-runs/run-agent.ts';
import type { Act } from '../schedule/due.ts';
import { tool } from '../tool-calls/tool-call.ts';
import type { HostContext, Perform } from './context.ts';
import { accept } from './steps/accept.ts';
import { baseChecks } from './steps/base-checks.ts';
import { finish } from './steps/finish.ts';
import { prepare } from './steps/prepare.ts';
import { propose } from './steps/propose.ts';
import { save } from './steps/save.ts';
import { undo } from './steps/undo.ts';
import { assign, check, collect, merge, park } from './steps/work.ts';

const performers: { [Kind in Act['kind']]: Perform<Kind> } = {
  prepare,
  base_checks: baseChecks,
  agent,
  tool,
  propose,
  accept,
  assign,
  collect,
  check,
  merge,
  park,
  save,
  undo,
  finish,
};

/** Starts an act; resolves with the facts that it ended with. */
export function perform(act: Act, context: HostContext): Promise<EventBody[]> {
  const performer = performers[act.kind] as (act: Act, context: HostContext) => Promise<EventBody[]>;
  return performer(act, context);
}
