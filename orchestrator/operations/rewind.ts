import { copyFileSync, cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Event, EventBody } from '../../ipc/events.ts';
import { Fault } from '../../ipc/fault.ts';
import { newRunId } from '../../ipc/ids.ts';
import { isConversation, person } from '../../ipc/run-kind.ts';
import { foldAll } from '../../state/fold.ts';
import { requireLease } from '../../state/lease.ts';
import { flushFolder } from '../../state/open.ts';
import { runPaths } from '../../state/paths.ts';
import { openRunLog, type RunLog } from '../../state/run-log.ts';
import type { RunState, Turn } from '../../state/run-state.ts';
import type { UserEnvironment } from '../environment/environment.ts';
import { knownSecrets } from '../environment/known-secrets.ts';
import { changedBetween, type FolderSaves, restoreFolder, savesOf } from '../worktrees/folder-saves.ts';
import { writeFirst } from './create-run.ts';

/**
 * Going back in a conversation. Nothing is removed from a log: the messages up to that point become the beginning of a
 * new conversation, and the old one can still be continued.
 */

/** `run`: the new conversation. `words`: the first message of the turn that was undone. `files`: the restored files. */
export type Rewound = { run: string; words: string; files: string[]; filesWhy: string };

/**
 * Makes a conversation of all messages before the turn with this number (1 is the first), or of all of it (`turn`
 * null). `withFiles` restores the folder's files of that time; the present files are saved in the old conversation.
 * Throws usage, run_owned while a host works on it, and the state's Faults.
 */
export async function forkConversation(
  place: UserEnvironment,
  from: string,
  { turn: wanted, withFiles }: { turn: number | null; withFiles: boolean },
): Promise<Rewound> {
  const paths = runPaths(place.state, from);
  const lease = requireLease(paths.lease, from);
  try {
    const log = openRunLog(paths.log, from, { known: knownSecrets(place.environment) });
    try {
      const events = log.read();
      const state = foldAll(events);
      const turn = requireTurn(state, wanted);
      const until = turn ? turn.seq - 1 : state.seq;
      const back = withFiles && turn ? await bringBack(place, log, state, turn) : { files: [], why: '' };
      const run = copy(place, state, events, { from, until });
      return { run, words: turn?.text ?? '', files: back.files, filesWhy: back.why };
    } finally {
      log.close();
    }
  } finally {
    lease.release();
  }
}

function requireTurn(state: RunState, wanted: number | null): Turn | null {
  const { created, turns, phase, agents } = state;
  if (!isConversation(created.options))
    throw new Fault('usage', `${created.run} is no conversation.`, { advice: 'vtcode list shows what it is.' });
  if (wanted === null) {
    if (phase.value === 'resting' && !agents.get(person)?.open.size) return null;
    throw new Fault('usage', `${created.run} is in the middle of something.`, {
      advice: `Go on with it first (vtcode resume ${created.run}), or name a turn.`,
    });
  }
  const turn = turns[wanted - 1];
  if (turn) return turn;
  throw new Fault('usage', `${created.run} has no turn ${wanted}.`, {
    advice: turns.length === 0 ? 'Nothing was said in it.' : `It has turns 1 to ${turns.length}.`,
  });
}

async function bringBack(place: UserEnvironment, log: RunLog, state: RunState, turn: Turn) {
  const commit = turn.saved?.commit ?? null;
  if (commit === null) return { files: [], why: turn.saved?.reason || 'they were not saved' };
  const paths = runPaths(place.state, state.created.run);
  const saves = savesOf(paths, state.created.repository, { PATH: place.searchPath }, place.environment);
  return { files: await restore(saves, commit, log, state, (now) => [now]), why: '' };
}

/**
 * Restores a commit, and returns the files that differed. The folder's present files are in the log before anything is
 * changed, so that they can be restored even after a kill in the middle. `kept`: the commits that shall then be the
 * newest of the conversation, the last one last.
 */
async function restore(
  saves: FolderSaves,
  commit: string,
  log: RunLog,
  state: RunState,
  kept: (now: string) => string[],
): Promise<string[]> {
  let isSaved = false;
  try {
    const now = await restoreFolder(saves, commit, (now) => {
      log.own();
      const turn = state.seq + 1; // none
      const facts = kept(now).map((commit) => ({ type: 'folder.saved' as const, turn, commit, reason: '' }));
      log.append(facts, { at: new Date().toISOString(), durable: true });
      isSaved = true;
    });
    return await changedBetween(saves, commit, now);
  } catch (error) {
    if (!isSaved || !(error instanceof Fault)) throw error;
    throw new Fault(error.code, `${error.message} Some files may be as they were then, others as they were now.`, {
      cause: error,
      advice: `Mend what git says and do it again, or bring back what lay there: vtcode rewind ${state.created.run}`,
    });
  }
}

/**
 * Restores the folder's last saved files of a conversation, after another turn of it was undone. Throws usage,
 * run_owned and git_failed. Returns the files that differed.
 */
export async function restoreNewest(place: UserEnvironment, run: string): Promise<string[]> {
  const paths = runPaths(place.state, run);
  const lease = requireLease(paths.lease, run);
  try {
    const log = openRunLog(paths.log, run);
    try {
      const events = log.read();
      const state = foldAll(events);
      const newest = events.findLast((event) => event.type === 'folder.saved' && event.commit !== null);
      const commit = newest?.type === 'folder.saved' ? newest.commit : null;
      if (commit === null)
        throw new Fault('usage', `Nothing of the folder was saved in ${run}.`, {
          advice: 'Its files are as they are.',
        });
      // The present files are in the log too; a repetition restores the same files.
      return await restore(
        savesOf(paths, state.created.repository, { PATH: place.searchPath }, place.environment),
        commit,
        log,
        state,
        (now) => [now, commit],
      );
    } finally {
      log.close();
    }
  } finally {
    lease.release();
  }
}

/** Events of the old conversation's hosts, and permissions given in it, are not copied. */
const left = /^(run\.(created|intended|gave_up|finished)|host\.|walls\.|approval\.|network\.)/;

function copy(
  place: UserEnvironment,
  { created }: RunState,
  events: Event[],
  { from, until }: { from: string; until: number },
): string {
  const run = newRunId();
  // It is made in the old one's folder, and one rename makes it visible: half a conversation must not be continued.
  const making = join(from, 'fork');
  const paths = { old: runPaths(place.state, from), new: runPaths(place.state, making) };
  rmSync(paths.new.folder, { recursive: true, force: true });
  mkdirSync(paths.new.folder, { recursive: true, mode: 0o700 });
  // The same key, so that the markers of its secrets keep their meaning.
  copyFileSync(paths.old.redactionKey, paths.new.redactionKey);
  if (existsSync(paths.old.saves)) cpSync(paths.old.saves, paths.new.saves, { recursive: true });
  const goal = until === 0 ? '' : created.goal;
  writeFirst(place, making, { ...bodyOf(created), goal, forkedFrom: { run: from, seq: until } });
  const log = openRunLog(paths.new.log, run);
  try {
    log.own();
    // A save may have been recorded after the end of the turn that it belongs to.
    const kept = events.filter((event) => {
      return (event.type === 'folder.saved' ? event.turn : event.seq) <= until && !left.test(event.type);
    });
    // A turn is identified by the number of its first event, which is different here.
    const numbers = new Map<number, number>([[1, 1]]);
    for (const [at, { seq }] of kept.entries()) numbers.set(seq, at + 2);
    let group: EventBody[] = [];
    for (const [index, event] of kept.entries()) {
      group.push(
        event.type === 'folder.saved' ? { ...bodyOf(event), turn: numbers.get(event.turn) ?? 0 } : bodyOf(event),
      );
      const next = kept[index + 1];
      if (next?.at === event.at) continue;
      log.append(group, { at: event.at, durable: false });
      group = [];
    }
    const begins = { type: 'run.intended' as const, intent: 'run' as const, by: `fork of ${from}` };
    log.append([...leftBehind(foldAll(log.read()), from), begins], { at: new Date().toISOString(), durable: true });
  } finally {
    log.close();
  }
  const { folder } = runPaths(place.state, run);
  renameSync(paths.new.folder, folder);
  flushFolder(dirname(folder));
  return run;
}

/** Open work beside the conversation goes on in the old one, and is not repeated here. */
function leftBehind({ agents }: RunState, from: string): EventBody[] {
  const words = `It stayed in ${from}.`;
  const ended = [...agents].flatMap(([agent, { delegated, phase }]) =>
    delegated && phase.value !== 'ended'
      ? [
          {
            type: 'agent.finished' as const,
            agent,
            life: phase.context.life,
            handoff: { outcome: 'cannot' as const, summary: words },
          },
        ]
      : [],
  );
  const calls = [...(agents.get(person)?.open ?? [])].map(([call, { name }]) => ({
    ...{ type: 'tool.finished' as const, agent: person, call, name, verdict: 'unknown_outcome' as const },
    ...{ rule: 'answered by the host', result: { text: words, isError: true } },
  }));
  return [...ended, ...calls];
}

function bodyOf<One extends Event>(event: One): Omit<One, 'seq' | 'at' | 'run' | 'v'> & EventBody {
  const { seq: _seq, at: _at, run: _run, v: _v, ...body } = event;
  return body as Omit<One, 'seq' | 'at' | 'run' | 'v'> & EventBody;
}
