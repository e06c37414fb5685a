import type { AgentState, OpenCall } from '../../state/run-state.ts';
import { finish } from '../../tools/contracts/finish.ts';
import { ourCall } from '../../tools/contracts/other-names.ts';
import { proposePlan } from '../../tools/contracts/propose-plan.ts';
import { toolbox } from '../../tools/contracts/toolbox.ts';

/**
 * The calls of one answer take effect in the order in which the model asked for them: an edit and then a test run means
 * that the test sees the edit. Calls that change nothing themselves (reads, delegated agents) overlap with each other.
 * An open call stands in `open` until it has ended, also while it waits for a person, so the order is the same after a
 * crash. Pure.
 */
export function waitsItsTurn({ open }: Pick<AgentState, 'open'>, call: string): boolean {
  const own = open.get(call);
  if (!own || isHandIn(own)) return false;
  for (const [earlier, one] of open) {
    if (earlier === call) return false;
    if (!isHandIn(one) && (changes(own) || changes(one))) return true;
  }
  return false;
}

/** A call that ends its agent. It comes last, because the effects of the turn's other calls are part of the hand-in. */
export function isHandIn(call: OpenCall): boolean {
  const name = toolOf(call);
  return name === finish.name || name === proposePlan.name;
}

/** Our name of the tool that a call is for; an unknown name as it is. */
export function toolOf(call: Pick<OpenCall, 'name' | 'arguments'>): string {
  const other = ourCall(call.name, call.arguments, (name) => toolbox.has(name));
  return other && 'tool' in other ? other.tool : call.name;
}

/** Whether a call may change files, by itself or by a command. An unknown tool is only answered. */
function changes(call: OpenCall): boolean {
  const given = call.arguments;
  const isDryRun = typeof given === 'object' && given !== null && 'dry_run' in given && given.dry_run === true;
  return !isDryRun && Boolean(toolbox.get(toolOf(call))?.writes);
}
