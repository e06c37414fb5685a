import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import { ReadStream } from 'node:tty';
import { type HandsPolicy, outputFile, type RanReport } from '../../ipc/hands-protocol.ts';
import { openPipe } from '../../sandbox/pipe.ts';
import { openTerminal, type TerminalEnds } from '../../sandbox/terminal.ts';
import { killGroup } from '../../supervisor/child.ts';
import { terminalEnvironment } from './command-environment.ts';
import { type CommandOutput, commandOutput } from './command-output.ts';
import { endOrder, orderVariable, watchOrder } from './order-processes.ts';
import type { RunningCommand, RunOrder } from './session.ts';
import { terminalSize } from './terminal-text.ts';

/** Between SIGTERM and SIGKILL at the deadline, in milliseconds. */
const termToKillMs = 2_000;
/** How long the pipe may take to give its last bytes when all its writers are dead, in milliseconds. */
const drainMs = 500;

/**
 * Starts `<shell> -c <command>` in a process group of its own, with nothing to read and a deadline. When it ends, for whatever
 * reason, everything it left running is killed. `environment` is complete but for what the order adds.
 * Throws when the directory or the log file cannot be used.
 */
export function startCommand(
  order: RunOrder,
  directory: string,
  policy: HandsPolicy,
  environment: Record<string, string>,
  onOutput: (text: string) => void,
): RunningCommand {
  const started = performance.now();
  const terminal = order.terminal ? openTerminal(terminalSize) : null;
  const kind = terminal ? 'terminal' : 'pipe';
  const output = commandOutput(outputFile(policy.outputs, order.id), policy.limits.outputBytesMax, kind, onOutput);
  if (order.terminal && !terminal) output.note('there are no terminals here: it printed to a pipe');
  const { child, drained } = terminal
    ? spawnAtTerminal(order, directory, environment, output, terminal)
    : spawnShell(order, directory, environment, output);
  let timedOut = false;
  let ended = false;
  let killer: NodeJS.Timeout | undefined;
  const deadline = setTimeout(() => {
    timedOut = true;
    output.note(`ended after ${order.timeoutMs} ms, its deadline`);
    if (child.pid) killGroup(child.pid, 'SIGTERM');
    killer = setTimeout(kill, termToKillMs);
  }, order.timeoutMs);
  const kill = () => {
    if (child.pid && !ended) killGroup(child.pid, 'SIGKILL');
  };
  const watch = watchOrder(child.pid, order.id, policy.limits, (reason) => {
    output.note(reason);
    kill();
  });
  const finish = async (): Promise<RanReport> => {
    const { code, signal, error } = await exitOf(child);
    ended = true;
    clearTimeout(deadline);
    clearTimeout(killer);
    if (error) output.note(`could not be started: ${error.message}`);
    await endOrder(child.pid, order.id, watch.stop());
    await drained(drainMs);
    const durationMs = Math.round(performance.now() - started);
    return { exitCode: code, signal, timedOut, durationMs, ...(await output.end()) };
  };
  const signal = (name: NodeJS.Signals) => {
    if (child.pid && !ended) killGroup(child.pid, name);
  };
  const write = (text: string) => void child.stdin?.write(text);
  child.stdin?.on('error', () => {}); // it may end before it has read its input
  return { done: finish(), cancel: kill, signal, write };
}

type Spawned = { child: ChildProcess; drained(waitMs: number): Promise<void> };

/** The shell with its words. bash reads no start file, also where it takes its input for a remote one. */
function shellOf(order: RunOrder, base: Record<string, string>) {
  const shell = order.shell ?? '/bin/sh';
  const words = [...(shell.endsWith('bash') ? ['--norc'] : []), '-c', order.command];
  return { shell, words, env: { ...base, SHELL: shell, ...order.environment, [orderVariable]: order.id } };
}

function spawnShell(order: RunOrder, cwd: string, base: Record<string, string>, output: CommandOutput): Spawned {
  const { shell, words, env } = shellOf(order, base);
  const options = { cwd, env, detached: true };
  if (order.passed) return { child: spawn(shell, words, { ...options, stdio: 'inherit' }), drained: async () => {} };
  if (process.platform !== 'linux') {
    const child = spawn(shell, [...words.slice(0, -1), `exec 2>&1\n${order.command}`], {
      ...options,
      stdio: [order.input ? 'pipe' : 'ignore', 'pipe', 'ignore'],
    });
    const { stdout } = child;
    stdout?.on('data', (chunk: Buffer) => output.write(chunk));
    return { child, drained: async (waitMs) => (stdout ? closed(stdout, waitMs) : undefined) };
  }
  const { readEnd, writeEnd } = openPipe();
  const reader = new Socket({ fd: readEnd, readable: true, writable: false });
  reader.on('data', (chunk: Buffer) => output.write(chunk)).on('error', () => {});
  try {
    const child = spawn(shell, words, { ...options, stdio: [order.input ? 'pipe' : 'ignore', writeEnd, writeEnd] });
    return { child, drained: (waitMs) => closed(reader, waitMs) };
  } finally {
    closeSync(writeEnd);
  }
}

/** Both outputs are the terminal; there is nothing to read, and nothing that is typed elsewhere reaches it. */
function spawnAtTerminal(
  order: RunOrder,
  cwd: string,
  base: Record<string, string>,
  output: CommandOutput,
  { ourEnd, programEnd }: TerminalEnds,
): Spawned {
  const { shell, words, env } = shellOf(order, { ...base, ...terminalEnvironment });
  const reader = new ReadStream(ourEnd);
  // When its last program has closed it, a terminal says EIO.
  reader.on('data', (chunk: Buffer) => output.write(chunk)).on('error', () => {});
  try {
    const options = { cwd, env, detached: true };
    const child = spawn(shell, words, { ...options, stdio: ['ignore', programEnd, programEnd] });
    return { child, drained: (waitMs) => closed(reader, waitMs) };
  } finally {
    closeSync(programEnd);
  }
}

/** Waits until a stream is read to its end, but not longer than `waitMs`, and lets go of it. */
async function closed(
  stream: NodeJS.ReadableStream & { destroy(): void; closed: boolean },
  waitMs: number,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (stream.closed) return;
  const timer = setTimeout(resolve, waitMs);
  stream.once('close', () => resolve());
  await promise;
  clearTimeout(timer);
  stream.destroy();
}

type Exit = { code: number | null; signal: NodeJS.Signals | null; error?: Error };

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', (error) => {
      if (child.pid === undefined) resolve({ code: null, signal: null, error });
    });
  });
}
