import type { EventBody } from '../ipc/events.ts';
import { accept } from './acts/accept.ts';
import { agent } from './acts/agent.ts';
import { baseChecks } from './acts/base-checks.ts';
import { finish } from './acts/finish.ts';
import { prepare } from './acts/prepare.ts';
import { propose } from './acts/propose.ts';
import { save } from './acts/save.ts';
import { tool } from './acts/tool.ts';
import { undo } from './acts/undo.ts';
import { assign, check, collect, merge, park } from './acts/work.ts';
import type { HostContext, Perform } from './context.ts';
import type { Act } from './due.ts';

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
