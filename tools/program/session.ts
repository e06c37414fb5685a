import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ChangeOutcome, FileChange } from '../../ipc/changes.ts';
import type { Channel } from '../../ipc/channel.ts';
import { Fault, toFault } from '../../ipc/fault.ts';
import type { HandsAnswer, HandsOrder, HandsPolicy, RanReport } from '../../ipc/hands-protocol.ts';
import type { Prepared, ToolContext } from '../contracts/tool.ts';
import { inFoundForm, resolveInside } from '../files/workspace-path.ts';

/** The hands at work, behind their walls. */
export type HandsSession = {
  /** Carries out an order; its one answer goes into the channel. Never throws. */
  take(order: HandsOrder): void;
  /** Ends all commands and everything the tools started. */
  stop(): Promise<void>;
};

/** A tool, loaded: parses the arguments and prepares the result. Throws on arguments that do not parse. */
export type LoadedTool = (raw: unknown, context: ToolContext) => Promise<Prepared>;
export type ToolTable = Record<string, () => Promise<LoadedTool>>;

/** A command under way. `done` never rejects; `cancel` kills it, its report still comes. */
export type RunningCommand = {
  done: Promise<RanReport>;
  cancel(): void;
  signal(name: NodeJS.Signals): void;
  write(text: string): void;
};
export type RunOrder = Order<'run'>;

/** The acts behind the orders `apply` and `run`, loaded when first needed. */
export type OrderTable = {
  applyChanges(): Promise<(changes: FileChange[], workspace: string) => ChangeOutcome[]>;
  startCommand(): Promise<
    (
      order: RunOrder,
      directory: string,
      policy: HandsPolicy,
      environment: Record<string, string>,
      onOutput: (text: string) => void,
    ) => RunningCommand
  >;
};

type Order<Type> = Extract<HandsOrder, { type: Type }>;

/** `environment` is what every command gets (tools/program/command-environment.ts). */
export function handsSession(
  policy: HandsPolicy,
  environment: Record<string, string>,
  channel: Channel<HandsAnswer, unknown>,
  tools: ToolTable,
  orders: OrderTable,
): HandsSession {
  const workspace = realpathSync(policy.workspace);
  const aborts = new Map<string, AbortController>();
  const commands = new Map<string, RunningCommand>();
  const stops: (() => Promise<void>)[] = [];
  const contextFor = contexts(policy, workspace, environment.PATH, (stop) => stops.push(stop));

  async function prepare(order: Order<'prepare'>, signal: AbortSignal): Promise<HandsAnswer> {
    const load = Object.hasOwn(tools, order.tool) ? tools[order.tool] : undefined;
    if (!load) throw new Fault('tool_failed', `there is no tool named ${order.tool}`);
    const tool = await load();
    const once = () => tool(order.arguments, contextFor(signal, order.unsearched));
    const again = (error: unknown) => beginAgain(error, signal, once);
    const { isError = false, ...prepared } = await once().catch(again).catch(again);
    return { type: 'prepared', id: order.id, isError, ...prepared };
  }

  async function run(order: Order<'run'>, signal: AbortSignal): Promise<HandsAnswer> {
    const start = await orders.startCommand();
    signal.throwIfAborted();
    const directory = resolveInside(resolve(workspace, order.directory), workspace, []);
    const tell = (text: string) => channel.send({ type: 'output', id: order.id, text });
    const command = start(order, directory, policy, environment, tell);
    commands.set(order.id, command);
    signal.addEventListener('abort', command.cancel, { once: true });
    return { type: 'ran', id: order.id, report: await command.done };
  }

  async function apply(order: Order<'apply'>): Promise<HandsAnswer> {
    const applyChanges = await orders.applyChanges();
    return { type: 'applied', id: order.id, outcomes: applyChanges(order.changes, workspace) };
  }

  async function carryOut(order: Order<'prepare' | 'apply' | 'run'>): Promise<void> {
    const abort = new AbortController();
    aborts.set(order.id, abort);
    try {
      if (order.type === 'prepare') channel.send(await prepare(order, abort.signal));
      else if (order.type === 'apply') channel.send(await apply(order));
      else channel.send(await run(order, abort.signal));
    } catch (error) {
      channel.send({ type: 'failed', id: order.id, reason: reasonOf(error) });
    } finally {
      aborts.delete(order.id);
      commands.delete(order.id);
    }
  }

  return {
    take(order) {
      if (order.type === 'cancel') aborts.get(order.id)?.abort();
      else if (order.type === 'signal') commands.get(order.id)?.signal(order.signal);
      else if (order.type === 'input') commands.get(order.id)?.write(order.text);
      else if (order.type !== 'start') void carryOut(order);
    },
    async stop() {
      for (const abort of aborts.values()) abort.abort();
      const ends = [...commands.values()].map((command) => command.done);
      await Promise.allSettled([...ends, ...stops.map((stop) => stop())]);
    },
  };
}

/** Nothing is written yet, so a call is tried once more if its process failed (e.g. a killed language server). */
function beginAgain(error: unknown, signal: AbortSignal, once: () => Promise<Prepared>): Promise<Prepared> {
  if (signal.aborted || toFault(error).code !== 'process_failed') throw error;
  return once();
}

function contexts(
  policy: HandsPolicy,
  workspace: string,
  programPath: string | undefined,
  onStop: ToolContext['onStop'],
) {
  return (signal: AbortSignal, unsearched: string[] = []): ToolContext => ({
    workspace,
    unsearched,
    resolve: (path) => {
      const absolute = resolveInside(path, workspace, policy.readable);
      const found = inFoundForm(absolute, workspace);
      return found === absolute ? absolute : resolveInside(found, workspace, policy.readable);
    },
    limits: policy.limits,
    hidden: policy.hidden,
    languageServers: policy.languageServers,
    programPath,
    signal,
    onStop,
  });
}

function reasonOf(error: unknown): string {
  const fault = toFault(error);
  return fault.advice ? `${fault.message}; ${fault.advice}` : fault.message;
}
