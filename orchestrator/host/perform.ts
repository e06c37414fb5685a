import type { EventBody } from '../../ipc/events.ts';
import { agent } from '../agent-runs/run-agent.ts';
import type { Act, Step } from '../schedule/due.ts';
import { tool } from '../tool-calls/tool-call.ts';
import type { HostContext } from './context.ts';
import { accept } from './steps/accept.ts';
import { assign } from './steps/assign.ts';
import { baseChecks } from './steps/base-checks.ts';
import { check } from './steps/check.ts';
import { collect } from './steps/collect.ts';
import { finish } from './steps/finish.ts';
import { merge } from './steps/merge.ts';
import { park } from './steps/park.ts';
import { prepare } from './steps/prepare.ts';
import { propose } from './steps/propose.ts';
import { save } from './steps/save.ts';
import { undo } from './steps/undo.ts';

const performers: { [Kind in Act['kind']]: Step<Kind, HostContext> } = {
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

/** Starts an act; resolves with the facts that ended it. A throw stops the host. */
export function perform(act: Act, context: HostContext): Promise<EventBody[]> {
  const performer = performers[act.kind] as (act: Act, context: HostContext) => Promise<EventBody[]>;
  return performer(act, context);
}
