import { existsSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Limits } from '../../ipc/config.ts';
import type { EventBody } from '../../ipc/events.ts';
import { Fault } from '../../ipc/fault.ts';
import type { HandsPolicy } from '../../ipc/hands-protocol.ts';
import { newFamilyToken } from '../../ipc/ids.ts';
import type { Redactor } from '../../ipc/redaction.ts';
import type { HostUse } from '../../sandbox/proxy.ts';
import { hostWish } from '../../state/desired-host.ts';
import { foldAll } from '../../state/fold.ts';
import { type Lease, requireLease } from '../../state/lease.ts';
import { openLive } from '../../state/live.ts';
import { privateRepository, runPaths, statePaths } from '../../state/paths.ts';
import { openRunLog, type RunLog } from '../../state/run-log.ts';
import type { RunState } from '../../state/run-state.ts';
import { openAdmission } from '../../supervisor/admission.ts';
import { availableBytes } from '../../supervisor/free-memory.ts';
import { type Pool, workerPool } from '../../supervisor/pool.ts';
import { sweepFamily } from '../../supervisor/process-tree.ts';
import { type Family, startFamily } from '../../supervisor/process-tree-reaper.ts';
import { programPath } from '../../supervisor/program.ts';
import { backgroundCommands } from '../agent-runs/background-commands.ts';
import { runningCommands } from '../agent-runs/running-commands.ts';
import { loadConfig, withAsked } from '../config/config.ts';
import { trustIn } from '../config/trust.ts';
import type { UserEnvironment } from '../environment/environment.ts';
import { knownSecrets } from '../environment/known-secrets.ts';
import { packageVersion } from '../environment/package-version.ts';
import { abandoned } from '../governor/agent-calls.ts';
import { openGovernor } from '../governor/governor.ts';
import { type CommandOf, startHands } from '../hands/hands.ts';
import { keepIn, keepLeftOutputs } from '../hands/kept-output.ts';
import { type HandsPool, handsPool } from '../hands/pool.ts';
import { startProcess } from '../hands/process.ts';
import { modelsOf } from '../models/chains.ts';
import { requireKeys } from '../models/require-keys.ts';
import { sweepLeftovers } from '../runs/leftovers.ts';
import { olderDetached } from '../runs/older-detached.ts';
import { answered, byDeadline, overdue, pendingApprovals } from '../schedule/approvals.ts';
import { noTreeNotes } from '../worktrees/run-trees.ts';
import { privateGit } from '../worktrees/worktree.ts';
import { obey } from './commands.ts';
import type { HostContext } from './context.ts';
import { setAside, withReserve } from './disk-reserve.ts';
import type { EarlyStart } from './early-start.ts';
import type { HostListeners } from './listeners.ts';
import { openSpool } from './live-text.ts';
import { type Ending, hostLoop, type Loop } from './loop.ts';
import { perform } from './perform.ts';
import { withDeltas } from './redacted-deltas.ts';

/** How often a host checks its log for commands from other processes, in milliseconds. */
const commandsEveryMs = 200;
/**
 * When a host looks for leftovers of dead hosts, in milliseconds from its start: a person waits for its own first
 * steps.
 */
const sweepAfterMs = 100;

/** A run that this process owns until `close`. */
export type OwnedRun = {
  run: string;
  state(): RunState;
  context: HostContext;
  loop: Loop;
  log: RunLog;
  /** Works on the run until it ends, waits or is stopped. */
  work(): Promise<Ending>;
  close(): Promise<void>;
};

/**
 * Takes a run over: takes the lease, ends the processes of an earlier host, and starts a process family of its own or
 * takes the one that was started early. Throws run_unknown, run_owned and the state's Faults; then nothing was changed
 * and nothing early was taken. `isNew`: this process has just made the run. `onlyWanted`: throws run_owned if the log
 * no longer wants a host, because a person may have stopped the run after this process was started. The caller must
 * `close`.
 */
export async function ownRun(
  place: UserEnvironment,
  run: string,
  listeners: HostListeners,
  {
    early = null,
    isNew = early !== null,
    onlyWanted = false,
  }: { early?: EarlyStart | null; isNew?: boolean; onlyWanted?: boolean } = {},
): Promise<OwnedRun> {
  const paths = runPaths(place.state, run);
  if (!existsSync(paths.log))
    throw new Fault('run_unknown', `There is no run ${run}.`, { advice: 'vtcode list shows the runs.' });
  const lease = requireLease(paths.lease, run);
  let log: RunLog | undefined;
  try {
    log = openRunLog(paths.log, run, { known: knownSecrets(place.environment) });
    const state = foldAll(log.read());
    if (onlyWanted && hostWish(state) !== 'host') throw new Fault('run_owned', `Run ${run} waits for a person.`);
    requireRepository(state);
    // A new run was checked a moment ago, and reports its end in its own words.
    if (state.hosts.length > 0) requireKeys(place, state);
    for (const family of state.families) await sweepFamily(family);
    keepLeftOutputs(paths.home, keepIn({ paths, redaction: log.redaction(), state: () => state }));
    return await assemble({ place, run, lease, log, state, listeners, early, isNew });
  } catch (error) {
    log?.close();
    lease.release();
    throw error;
  }
}

function requireRepository(state: RunState): void {
  const { root, gitDir } = state.created.repository;
  if (!existsSync(gitDir || root))
    throw new Fault('repository_state', `The repository of run ${state.created.run} is not at ${root} any more.`, {
      advice: 'Move it back; nothing of the run is lost.',
    });
}

type Parts = {
  place: UserEnvironment;
  run: string;
  lease: Lease;
  log: RunLog;
  state: RunState;
  listeners: HostListeners;
  early: EarlyStart | null;
  /** This process has just made the run. */
  isNew: boolean;
};

async function assemble(parts: Parts): Promise<OwnedRun> {
  const { place, run, lease, log, listeners, early, isNew } = parts;
  const paths = runPaths(place.state, run);
  // A new run already has the current limits.
  const { limits, changed } = isNew ? { ...parts.state.created.config, changed: false } : limitsNow(place, parts.state);
  const epoch = log.own();
  setAside(paths.reserve);
  log.takeCommands(); // commands to an earlier host are not meant for this one
  const family = early?.takeFamily() ?? startFamily(newFamilyToken());
  const environment = { PATH: place.searchPath, VTCODE_FAMILY: family.token };
  const loop = hostLoop(parts.state, log, () => new Date().toISOString(), perform);
  let pool: Promise<Pool> | undefined;
  const { repository, options } = parts.state.created;
  const hands = poolOfHands(parts, loop, family);
  const { governor, models, live } = governorFor(place, parts.state, loop, log.redaction());
  const spool = openSpool(paths);
  const heeding = withDeltas(log.redaction(), listeners, spool);
  const context: HostContext = {
    run,
    paths,
    log,
    state: loop.state,
    record: loop.record,
    note: loop.note,
    git: privateGit(privateRepository(place.state, repository.gitDir), environment),
    userGit: { gitDir: repository.gitDir, environment },
    ...{ trees: noTreeNotes(), own: [place.state, dirname(place.configFile)] },
    hands,
    models,
    governor,
    pool: () => (pool ??= workerPool(programPath('agents'), { threadsMax: limits.agents, heapMb: agentHeapMb })),
    ...admissions(place, run, limits),
    sessions: new Map(),
    commands: runningCommands(loop.signal),
    background: backgroundCommands(loop.state().created.config.limits.output_kb * 1024),
    agentNames: new Set(),
    signal: loop.signal,
    family: family.token,
    searchPath: place.searchPath.split(delimiter),
    person: { ...place.environment, VTCODE_FAMILY: family.token },
    asks: listeners.onApproval !== undefined || options.detached === true || options.waits === true,
    answer: answerer(loop),
    trust: trustIn(place.configFile, repository.root),
    redaction: log.redaction(),
    pages: new Map(),
    onDelta: heeding.onDelta,
  };
  const sweep = sweepSoon(place);
  const program = `vtcode ${packageVersion()}`;
  const hello = { type: 'host.started' as const, epoch, process: String(process.pid), family: family.token, program };
  return {
    run,
    state: loop.state,
    context,
    loop,
    log,
    work: () => work(loop, context, heeding, { hello: changed ? { ...hello, limits } : hello, limits }, log),
    async close() {
      clearTimeout(sweep);
      await hands.stopAll();
      await (await pool)?.close();
      spool.close();
      await family.release();
      live.close();
      log.close();
      rmSync(paths.reserve, { force: true });
      lease.release();
    },
  };
}

/** Ends leftovers of other hosts that died with their reapers. This runs beside the work, after the work has begun. */
function sweepSoon(place: UserEnvironment): NodeJS.Timeout {
  return setTimeout(() => void sweepLeftovers(place, { finished: false }).catch(() => {}), sweepAfterMs);
}

/** Waiting for memory: background agents of this host wait for each other, a detached run waits for older ones. */
function admissions(place: UserEnvironment, run: string, { reserve_mb: reserveMb }: Limits) {
  const availableMb = () => availableBytes() / 2 ** 20;
  const others = () => olderDetached(place, run);
  return {
    admission: openAdmission({ reserveMb, availableMb }),
    hostAdmission: openAdmission({ reserveMb, availableMb, others }),
  };
}

/** The hands of this host. The walls' kind is logged when it is first known, and when it changes. */
function poolOfHands({ place, state, early }: Parts, loop: Loop, family: Family): HandsPool {
  let wallsTold = state.walls;
  const { token, watch, forget } = family;
  const startOf = (policy: HandsPolicy) => ({
    ...{ policy, family: token, watch, forget, environment: place.environment },
    onHosts: (by: CommandOf, hosts: HostUse[]) =>
      loop.note(hosts.map((use) => ({ type: 'network.used' as const, ...by, ...use }))),
  });
  return handsPool({
    process: (policy) => early?.takeProcess(policy.home) ?? startProcess(startOf(policy)),
    async hands(policy, early) {
      const started = await startHands(startOf(policy), early);
      if (started.walls.summary !== wallsTold) {
        wallsTold = started.walls.summary;
        loop.note([{ type: 'walls.reported', summary: wallsTold }]);
      }
      return started;
    },
  });
}

/** The model governor of this host, and the models it may grant. */
function governorFor(place: UserEnvironment, state: RunState, loop: Loop, redaction: Redactor) {
  const live = openLive(statePaths(place.state).live);
  const models = modelsOf(place, state);
  const governor = openGovernor({
    run: state.created.run,
    state: loop.state,
    record: loop.record,
    stopRun: (reason) => loop.stop({ kind: 'stopped', reason, exitCode: 4 }),
    signal: loop.signal,
    settings: state.created.config.models,
    async open(choice) {
      const endpoint = await models.open(choice);
      if (endpoint?.key) redaction.know(endpoint.key);
      return endpoint;
    },
    live,
    now: Date.now,
    random: Math.random,
  });
  return { governor, models, live };
}

/** The limits for this host: from the present configuration, so that a stopped run can go on with raised limits. */
function limitsNow(place: UserEnvironment, state: RunState): { limits: Limits; changed: boolean } {
  const { repository, config, options } = state.created;
  const { limits } = withAsked(loadConfig(place.configFile, join(repository.root, 'agents.toml')).config, options);
  return { limits, changed: !isDeepStrictEqual(limits, config.limits) };
}

/** The largest heap of an agent's thread, in MiB: conversations are small. */
const agentHeapMb = 256;

async function work(
  loop: Loop,
  context: HostContext,
  listeners: HostListeners,
  { hello, limits }: { hello: EventBody; limits: Limits },
  log: RunLog,
): Promise<Ending> {
  const deadline = endInTime(loop, limits);
  const commands = setInterval(() => {
    try {
      obey(loop, log, context);
    } catch {
      // An unreadable log is read again in a moment; the loop finds out whether it can be written.
    }
    for (const said of overdue(loop.state(), Date.now())) context.answer(said, byDeadline);
  }, commandsEveryMs);
  commands.unref();
  let asked = false;
  const shown = new Set<string>();
  // Model calls that an earlier host started and that have no result in the log.
  const unheard = [...context.state().agents].flatMap(([name, { calls, reserved }]) =>
    reserved ? [abandoned(name, calls, reserved)] : [],
  );
  loop.note([hello, ...unheard]);
  try {
    const ending = await loop.run(context, {
      onEvents: (events, state) => {
        listeners.onEvents?.(events, state);
        // A call that an earlier host asked a person about is asked again.
        for (const one of pendingApprovals(state)) if (!shown.has(one.approval)) listeners.onApproval?.(one);
        for (const { approval } of pendingApprovals(state)) shown.add(approval);
      },
      onWaiting: () => {
        if (context.asks && pendingApprovals(context.state()).length > 0) return true;
        if (context.state().phase.value === 'resting') return listeners.speaks === true;
        if (!listeners.onPlan) return false;
        if (!asked) void listeners.onPlan(context.state()).then((fact) => answerPlan(loop, fact));
        asked = true;
        return true;
      },
    });
    return writeEnding(ending, context, log, listeners);
  } finally {
    clearTimeout(deadline);
    clearInterval(commands);
  }
}

/** Takes answers; the first one for each approval counts: two at the same moment must not both be written. */
function answerer(loop: Loop): HostContext['answer'] {
  const given = new Set<string>();
  return (said, by) => {
    const facts = given.has(said.approval) ? [] : answered(loop.state(), said, by);
    if (facts.length === 0 || loop.signal.aborted) return false;
    given.add(said.approval);
    loop.note(facts, { durable: true });
    return true;
  };
}

/** Stops the host when its own time or the run's time is over. */
function endInTime(loop: Loop, { run_minutes }: Limits): NodeJS.Timeout {
  const { deadline } = loop.state().created.options;
  const ownMs = run_minutes * 60_000;
  const leftMs = deadline === undefined ? ownMs : Math.max(0, Date.parse(deadline) - Date.now());
  const reason =
    leftMs < ownMs
      ? `its time is over (it was given until ${deadline})`
      : `the run took longer than ${run_minutes} minutes (limits.run_minutes)`;
  return setTimeout(() => loop.stop({ kind: 'stopped', reason, exitCode: 4 }), Math.min(leftMs, ownMs));
}

function answerPlan(loop: Loop, fact: EventBody | null): void {
  if (loop.state().phase.value !== 'proposed') return; // another process answered first
  if (fact) loop.note([fact], { durable: true });
  else loop.stop({ kind: 'stopped', reason: 'the plan waits to be accepted', exitCode: 3 });
}

/** A host that ends before its run finishes logs why, if it can still write the log. */
function writeEnding(ending: Ending, context: HostContext, log: RunLog, listeners: HostListeners): Ending {
  if (ending.kind === 'finished') return ending;
  const [reason, exitCode] =
    ending.kind === 'waiting'
      ? [waitingWords(context.state()), 3]
      : ending.kind === 'failed'
        ? [ending.fault.message, exitCodeOfFault(ending.fault)]
        : [ending.reason, ending.exitCode];
  try {
    const words = { type: 'host.stopped' as const, reason, exitCode };
    const at = new Date().toISOString();
    const events = withReserve(context.paths.reserve, () =>
      log.append([...context.governor.lastFacts, words], { at, durable: false }),
    );
    listeners.onEvents?.(events, context.state());
  } catch {
    // A host often ends because it cannot write the log; the state holds all that was written before.
  }
  return ending;
}

/**
 * A full disk stops a run like any other limit: all written events are good, and the run can be resumed. A host that
 * stops because another process blocks it waits for no person: the next host goes on.
 */
export function exitCodeOfFault(fault: Fault): number {
  if (fault.code === 'state_locked') return 1;
  return fault.code === 'state_unwritable' ? 4 : fault.exitCode;
}

/** The reason why a run stops and waits when no person is there to answer. */
function waitingWords(state: RunState): string {
  if (state.phase.value === 'resting') return 'waits for what you say next';
  const ids = pendingApprovals(state).map(({ approval }) => approval);
  return ids.length === 0 ? 'the plan waits to be accepted' : `waits for a person to answer ${ids.join(', ')}`;
}
