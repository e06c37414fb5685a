import { toFault } from '../../ipc/fault.ts';
import type { ToolResult } from '../../ipc/message.ts';
import type { Permit } from '../../security/judge.ts';
import type { OpenCall } from '../../state/run-state.ts';
import { type CommandArguments, command } from '../../tools/contracts/command.ts';
import { commandShell } from '../environment/shell.ts';
import type { Hands } from '../hands/hands.ts';
import { keepIn, keepOutput } from '../hands/kept-output.ts';
import type { ActOf } from '../schedule/due.ts';
import type { ToolCallAccess } from './access.ts';
import { type Finished, failed } from './answer.ts';

/** How long a new command may print before its call is answered, in milliseconds: most mistakes show at once. */
const firstWordsMs = 500;

/** Starts a judged command that goes on beside its agent, in the same hands. Answers its id and its first words. */
export async function startInBackground(
  act: ActOf<'tool'>,
  run: { command: string; directory: string },
  { permit, hands }: { permit: Permit; hands: Hands },
  context: ToolCallAccess,
): Promise<Finished> {
  const { agent, call } = act;
  const id = `c${(context.state().agents.get(agent)?.commands.size ?? 0) + 1}`;
  const order = hands.newId();
  const cut = context.commands.begin(agent);
  const stopped = new AbortController();
  const running = context.background.add(agent, id, {
    write: (text) => hands.write(order, text),
    stop: () => stopped.abort(),
  });
  await context.record([{ type: 'command.started', agent, call, id, command: run.command }], { durable: true });
  const over = (how: string) => {
    running.ended(how);
    cut.done();
    if (!context.signal.aborted) context.note([{ type: 'command.ended', agent, id, how }]);
  };
  hands
    .run(permit, {
      ...{ id: order, command: run.command, directory: run.directory, shell: commandShell(), input: true },
      timeoutMs: context.state().created.config.limits.run_minutes * 60_000,
      signal: AbortSignal.any([cut.signal, stopped.signal]),
      by: { agent, call },
      onOutput: running.printed,
    })
    .then(
      ({ exitCode, signal, outputPath }) => {
        keepOutput(outputPath, keepIn(context));
        over(exitCode === null ? `ended by ${signal}` : `exit ${exitCode}`);
      },
      (error: unknown) => over(toFault(error).message),
    );
  const text = await told(id, running, firstWordsMs, context);
  return { verdict: 'allowed', rule: permit.rule, result: { text, isError: false } };
}

/** `read`, `stop` and `list`: answered without the gate, because the command itself has passed it. */
export async function lookAfter(act: ActOf<'tool'>, parsed: unknown, context: ToolCallAccess): Promise<ToolResult> {
  const { action, id = '', wait_seconds } = command.arguments.parse(parsed);
  const known = context.state().agents.get(act.agent)?.commands ?? new Map();
  if (action === 'list') {
    const lines = [...known].map(([name, one]) => `${name}: ${one.ended ?? 'running'}: ${one.command}`);
    return { text: lines.join('\n') || 'You have no background commands.', isError: false };
  }
  const one = known.get(id);
  const running = context.background.find(act.agent, id);
  if (!one)
    return {
      text: `There is no command '${id}' of yours (yours: ${[...known.keys()].join(', ') || 'none'}).`,
      isError: true,
    };
  if (!running)
    return {
      text: `${id}: ${one.ended ?? 'ended'}. Its output is gone; start it again if you need it.`,
      isError: true,
    };
  if (action === 'stop') running.stop();
  const waitMs = action === 'stop' ? stopMs : wait_seconds * 1000;
  return { text: await told(id, running, waitMs, context), isError: false };
}

/** How long a command that is stopped may take to end, in milliseconds. */
const stopMs = 5_000;

async function told(
  id: string,
  running: NonNullable<ReturnType<ToolCallAccess['background']['find']>>,
  waitMs: number,
  context: ToolCallAccess,
): Promise<string> {
  const { text, isCut, end } = await running.news(waitMs, context.signal);
  const words = text === '' ? '(nothing new)' : text;
  return `${id}: ${end ?? 'running'}\n${isCut ? '(the beginning is cut)\n' : ''}${words}`;
}

/** Gives a running command a line of input that the gate has allowed. */
export function writeTo(act: ActOf<'tool'>, open: OpenCall, permit: Permit, context: ToolCallAccess): Finished {
  const { id = '', text = '' } = (command.arguments.safeParse(open.arguments).data ?? {}) as Partial<CommandArguments>;
  const running = context.background.find(act.agent, id);
  if (!running) return failed(`There is no running command '${id}' of yours.`);
  running.write(`${text}\n`);
  return { verdict: 'allowed', rule: permit.rule, result: { text: `${id}: written`, isError: false } };
}
