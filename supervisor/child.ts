import { type ChildProcess, spawn } from 'node:child_process';
import { Server, Socket } from 'node:net';
import { type Channel, channelEnd } from '../ipc/channel.ts';
import { Fault } from '../ipc/fault.ts';

/** How much of a child's standard error is kept, in bytes: its last lines say why it ended. */
const stderrBytesMax = 8 * 1024;
/** Between SIGTERM and SIGKILL, in milliseconds: enough to close a log, and a short wait for callers. */
const termToKillMs = 500;

export type ChildExit = { code: number | null; signal: NodeJS.Signals | null; stderr: string };

export type ChildOrder = {
  /** Absolute path of the JavaScript or TypeScript file. */
  program: string;
  /** Programs that start it in a sandbox (`unshare …`, `sandbox-exec …`): argv in front of node's. */
  launcher?: string[];
  /** node's own options. */
  nodeOptions?: string[];
  arguments?: string[];
  /** The complete environment; nothing is inherited. */
  environment: Record<string, string>;
  directory?: string;
  /** It and its children use our own input and outputs, so its standard error is not kept. */
  passed?: boolean;
};

/** A running child. The caller that started it stops it; `exited` never rejects. */
export type Child<Outgoing> = {
  channel: Channel<Outgoing, unknown>;
  pid: number;
  exited: Promise<ChildExit>;
  /** Closes the channel, waits `graceMs`, then SIGTERM and SIGKILL to the whole group. Resolves when it is gone. */
  stop(graceMs: number): Promise<ChildExit>;
  /** SIGKILL to the whole group, now. */
  kill(): void;
  /** The first listening socket that it passed to us, once. The caller that takes it closes it. */
  takeServer(): Server | undefined;
};

/**
 * Starts one of our programs as a child in a process group of its own, with a channel. Data from the channel is
 * untrusted: the listener parses it. Throws `process_failed` when the program cannot be started at all.
 */
export function startChild<Outgoing>(order: ChildOrder): Child<Outgoing> {
  const node = [process.execPath, ...(order.nodeOptions ?? []), order.program, ...(order.arguments ?? [])];
  const [file = process.execPath, ...rest] = [...(order.launcher ?? []), ...node];
  const child = spawn(file, rest, {
    detached: true,
    stdio: order.passed ? ['inherit', 'inherit', 'inherit', 'ipc'] : ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'json',
    env: { ...order.environment, VTCODE_PARENT: String(process.pid) },
    cwd: order.directory,
  });
  const exited = exitOf(child);
  const pid = child.pid;
  if (pid === undefined) throw new Fault('process_failed', `could not start ${file}`);
  const kill = () => killGroup(pid, 'SIGKILL');
  const takeServer = serversOf(child, exited);
  const channel = channelTo<Outgoing>(child);
  // Members of the group must not outlive its leader.
  void exited.then(kill);
  const stop = async (graceMs: number) => {
    channel.close();
    if (await isSettled(exited, graceMs)) return exited;
    killGroup(pid, 'SIGTERM');
    if (await isSettled(exited, termToKillMs)) return exited;
    kill();
    return exited;
  };
  return { channel, pid, exited, stop, kill, takeServer };
}

/** Keeps the first listening socket that a child passes, until it is taken or the child ends; anything else is closed. */
function serversOf(child: ChildProcess, exited: Promise<unknown>): Child<never>['takeServer'] {
  let kept: Server | undefined;
  let isFirst = true;
  child.on('message', (_message, handle) => {
    if (isFirst && handle instanceof Server) kept = handle;
    else if (handle instanceof Server) handle.close();
    else if (handle instanceof Socket) handle.destroy();
    isFirst &&= handle === undefined;
  });
  void exited.then(() => kept?.close());
  return () => {
    const taken = kept;
    kept = undefined;
    return taken;
  };
}

/** Sends a signal to a whole process group; a group that is already gone is no error. */
export function killGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // No process of the group is left.
  }
}

async function isSettled(promise: Promise<unknown>, waitMs: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(resolve, waitMs, false);
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

function exitOf(child: ChildProcess): Promise<ChildExit> {
  let stderr = Buffer.alloc(0);
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr = Buffer.concat([stderr, chunk]).subarray(-stderrBytesMax);
  });
  // Not `close`: it does not come when we closed the channel ourselves. And a descendant that keeps standard error open
  // must not hide the exit: wait for the end of the stream, or a moment for the last lines.
  const lastWordsMs = 50;
  return new Promise((resolve) => {
    const settle = (code: number | null, signal: NodeJS.Signals | null) =>
      resolve({ code, signal, stderr: stderr.toString('utf8') });
    child.once('exit', (code, signal) => {
      const timer = setTimeout(settle, lastWordsMs, code, signal);
      const done = () => {
        clearTimeout(timer);
        settle(code, signal);
      };
      if (!child.stderr || child.stderr.closed) done();
      else child.stderr.once('close', done);
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      stderr = Buffer.concat([stderr, Buffer.from(`${error.message}\n`)]).subarray(-stderrBytesMax);
      if (child.pid === undefined) settle(null, null);
    });
  });
}

function channelTo<Outgoing>(child: ChildProcess): Channel<Outgoing, unknown> {
  const end = channelEnd<Outgoing, unknown>({
    // A send that fails is followed by `disconnect`; without a callback it would be an unhandled `error` event.
    post: (message) => {
      if (child.connected) child.send(message as object, () => {});
    },
    close: () => {
      if (child.connected) child.disconnect();
    },
  });
  child.on('message', (message) => end.deliver(message));
  child.once('disconnect', () => end.closed('the process closed its channel'));
  child.once('exit', (code, signal) => {
    // Messages already in the pipe come before `disconnect`; this is for a channel that never opened.
    if (!child.connected) end.closed(`the process ended (${signal ?? code})`);
  });
  return end.channel;
}
