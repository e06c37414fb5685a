import assert from 'node:assert/strict';
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Event } from '../../ipc/events.ts';
import { toFault } from '../../ipc/fault.ts';
import { runPaths } from '../../state/paths.ts';
import { openRunLog, type RunLog } from '../../state/run-log.ts';
import { hasMark, listProcesses } from '../../supervisor/process-tree.ts';
import { runsIn } from './called.ts';
import { commandOf, eventually, membersOf, type Seen, stillRunning } from './processes.ts';
import type { TestVtcode } from './vtcode.ts';

/** Everything that runs for a state folder: vtcode itself by its surroundings, the rest by the marks of the families. */
export function processesOf(vtcode: TestVtcode): Seen[] {
  const home = join(vtcode.state, '..');
  const own = listProcesses().filter(({ pid, state }) => state !== 'Z' && hasMark(pid, 'XDG_STATE_HOME', home));
  const families = runsIn(vtcode).flatMap((run) =>
    eventsIn(vtcode, run).flatMap((event) => (event.type === 'host.started' ? membersOf(event.family) : [])),
  );
  return [...new Map([...own, ...families].map((seen) => [seen.pid, seen])).values()];
}

/** The pid of a vtcode of this state folder that was started with these words; 0: there is none. */
export function pidOf(vtcode: TestVtcode, ...words: string[]): number {
  const home = join(vtcode.state, '..');
  const isIt = ({ pid, state }: Process) =>
    state !== 'Z' && commandOf(pid).endsWith(words.join(' ')) && hasMark(pid, 'XDG_STATE_HOME', home);
  return listProcesses().find(isIt)?.pid ?? 0;
}

type Process = ReturnType<typeof listProcesses>[number];

/**
 * Kills the process of this state folder that was started with these words, once it is there: between fork and exec it
 * still looks like the process that starts it. Answers its pid.
 */
export async function killStarted(vtcode: TestVtcode, ...words: string[]): Promise<number> {
  let pid = 0;
  const isThere = () => {
    pid = pidOf(vtcode, ...words);
    return pid > 0;
  };
  // Number 0 would be the test's own process group.
  assert.ok(await eventually(isThere, 20_000), `no process was started with ${words.join(' ')}`);
  process.kill(pid, 'SIGKILL');
  return pid;
}

/** The events in the log of a run; none while it is being made. */
export function eventsIn(vtcode: TestVtcode, run: string): Event[] {
  const log = openedLog(vtcode, run);
  try {
    return log?.read() ?? [];
  } finally {
    log?.close();
  }
}

/** The log of a run, to be closed; null while the run is being made. */
function openedLog(vtcode: TestVtcode, run: string): RunLog | null {
  try {
    return openRunLog(runPaths(vtcode.state, run).log, run, { readonly: true });
  } catch (error) {
    if (toFault(error).code !== 'run_unknown') throw error;
    return null;
  }
}

/** Waits until something holds of an event in the log of a run, for 20 seconds at most. Each event is looked at once. */
export async function untilLogged(vtcode: TestVtcode, run: string, holds: (event: Event) => boolean): Promise<Event> {
  let log: RunLog | null = null;
  const events: Event[] = [];
  try {
    for (const started = Date.now(); ; await sleep(5)) {
      log ??= openedLog(vtcode, run);
      const news = log?.read(events.length) ?? [];
      events.push(...news);
      const found = news.find(holds);
      if (found) return found;
      assert.ok(Date.now() - started < 20_000, `${run}: ${JSON.stringify(events.slice(-3))}`);
    }
  } finally {
    log?.close();
  }
}

/** Starts a detached run and answers its id. */
export async function detach(vtcode: TestVtcode, args: string[]): Promise<string> {
  const called = await vtcode.call(args);
  assert.match(called.stdout, /^run_\w{12}\n$/, called.stderr);
  return called.stdout.trim();
}

/** Takes a state folder away. Whoever kept runs alive in it ends with it, and nothing is left running. */
export async function endState(vtcode: TestVtcode): Promise<void> {
  const before = processesOf(vtcode);
  // In one step: whoever looks at a folder that is half gone sees runs without their newest events.
  const home = join(vtcode.state, '..');
  renameSync(home, `${home}-ended`);
  rmSync(`${home}-ended`, { recursive: true, force: true, maxRetries: 5 });
  await eventually(() => stillRunning(before).length === 0, 10_000);
  const left = stillRunning(before).map(({ pid }) => commandOf(pid));
  assert.deepEqual(left, []);
}
