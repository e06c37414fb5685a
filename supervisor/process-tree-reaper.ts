import { type ChildProcess, spawn } from 'node:child_process';
import { identify } from './identity.ts';
import { sweepFamily } from './process-tree.ts';
import { programPath } from './program.ts';

/** The host's connection to its reaper, the process that ends the family when the host dies in any way. */
export type Family = {
  token: string;
  /** Tells the reaper about a new child: one that may hide its marks, or on a system without marks. */
  watch(pid: number): void;
  /** Tells the reaper that a watched child has ended: except on Linux, another process may soon get its number. */
  forget(pid: number): void;
  /** Lets the reaper end the whole family now, and waits for it. */
  end(): Promise<void>;
  /**
   * Lets the reaper end the remaining processes, and does not wait: the reaper ignores signals and ends within moments.
   */
  release(): Promise<void>;
};

/** A reaper that lived no longer is not replaced again, in milliseconds: something kills every new one. */
const healthyMs = 1_000;

/**
 * Starts the reaper of a family. It is a session of its own, so that no signal to the host's group or terminal reaches
 * it; the end of the host, even by SIGKILL, closes the pipe that it reads. A reaper that is killed while the host lives
 * is replaced. `environment` needs no PATH.
 */
export function startFamily(token: string): Family {
  const watched = new Map<number, number>();
  let isWanted = true;
  let reaper = startReaper(token, replace);
  function replace(livedMs: number): void {
    if (!isWanted || livedMs < healthyMs) return;
    reaper = startReaper(token, replace);
    for (const [pid, startTime] of watched) reaper.say(`watch ${pid} ${startTime}`);
  }
  return {
    token,
    watch(pid) {
      const identity = identify(pid);
      if (!identity) return;
      watched.set(pid, identity.startTime);
      reaper.say(`watch ${pid} ${identity.startTime}`);
    },
    forget(pid) {
      watched.delete(pid);
      reaper.say(`forget ${pid}`);
    },
    async release() {
      isWanted = false;
      if (reaper.isAlive()) reaper.finish();
      else await sweepFamily(token);
    },
    async end() {
      isWanted = false;
      reaper.finish();
      // If the reaper was killed, this process ends the family.
      if (!(await reaper.swept())) await sweepFamily(token);
    },
  };
}

/** One reaper. `ended` is called when it ends, with its lifetime in milliseconds. */
function startReaper(token: string, ended: (livedMs: number) => void) {
  const started = performance.now();
  const reaper = spawn(process.execPath, [programPath('reap'), token], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: {},
    cwd: '/',
  });
  const swept = new Promise<boolean>((resolve) => {
    reaper.once('exit', (code) => {
      resolve(code === 0);
      ended(performance.now() - started);
    });
    reaper.once('error', () => resolve(false));
  });
  reaper.stdin.on('error', () => {});
  forgetOnExit(reaper);
  return {
    isAlive: () => reaper.exitCode === null && reaper.signalCode === null,
    say: (line: string) => void reaper.stdin.write(`${line}\n`),
    finish: () => void reaper.stdin.end(),
    /** Whether it has ended the family. */
    swept() {
      reaper.ref();
      return swept;
    },
  };
}

/** The reaper must not keep its host alive. */
function forgetOnExit(reaper: ChildProcess): void {
  reaper.unref();
  const pipe = reaper.stdin;
  if (pipe && 'unref' in pipe && typeof pipe.unref === 'function') pipe.unref();
}
