import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Event } from '../../ipc/events.ts';
import { runPaths } from '../../state/paths.ts';
import { openRunLog } from '../../state/run-log.ts';
import { detach, endState, pidOf } from '../support/detached.ts';
import { commandOf } from '../support/processes.ts';
import { type TestVtcode, testVtcode } from '../support/vtcode.ts';
import type { Disturbed } from './chaos.ts';
import { judgeRun } from './judge-run.ts';
import { commandShown, kill, leftRunning, membersByRole, type Role } from './victims.ts';

/** So many kills of one run, and so many of them of its host: one that dies six times in ten minutes is given up. */
const killsMax = 28;
const hostKillsMax = 4;
/** How long a run may take to write its next event, in milliseconds: hosts come back after seconds at first. */
const silenceMsMax = 60_000;

/** How long an agent or a command is waited for, in milliseconds. */
const comesMsMax = 1_500;

const roles: Role[] = ['cli', 'supervise', 'host', 'agent', 'hands', 'child'];

/**
 * Works the plan in the background and kills any process of it at random points. Nobody resumes it: whoever waits for it
 * is started again when that was killed, and all else must come back by itself.
 */
export async function disturbDetached(one: Disturbed): Promise<void> {
  const { wanted, random, result, repository, kills } = one;
  const vtcode = testVtcode();
  const run = await detach(vtcode, [...one.start.filter((word) => word !== '--json'), '--detach']);
  const log = openRunLog(runPaths(vtcode.state, run).log, run, { readonly: true });
  const events: Event[] = [];
  let looker = look(vtcode, run, random);
  let inRun = 0;
  let hostKills = 0;
  try {
    while (inRun < killsMax && result.kills < kills) {
      const target = events.length + 1 + Math.floor((random() * wanted.events) / killsMax) * 2;
      if (!(await reach(log, events, target))) break;
      await sleep(random() * 25);
      const role = roles[Math.floor(random() * roles.length)]!;
      const families = events.flatMap((event) => (event.type === 'host.started' ? [event.family] : []));
      if (role === 'host' && hostKills === hostKillsMax) continue;
      const victim = await killOne(role, { vtcode, run, looker, families, random }, result.killed);
      if (victim === null) continue;
      result.kills += 1;
      inRun += 1;
      one.tell(`kill ${result.kills}: ${role} of ${run} at event ${events.length}: ${victim}`);
      if (looker.exitCode !== null || looker.signalCode !== null || role === 'cli') looker = look(vtcode, run, random);
      if (role !== 'host') continue;
      hostKills += 1;
      const left = await leftRunning(families);
      if (left.length > 0) one.fault(`left after the kill of the host: ${left.join(', ')}`);
    }
    const waited = await vtcode.call(['wait', run]);
    const told = await vtcode.call(['log', run, '--json']);
    const judged = { ...told, code: waited.code, stderr: `${waited.stdout}${waited.stderr}` };
    one.fault(...judgeRun(judged, { repository, run, tree: wanted.tree, tasks: one.tasks }));
    events.push(...log.read(events.length));
    const left = await leftRunning(events.flatMap((event) => (event.type === 'host.started' ? [event.family] : [])));
    if (left.length > 0) one.fault(`left after the end of ${run}: ${left.join(', ')}`);
    result.events += events.length;
    repository.git('branch', '--delete', '--force', `vtcode/${run}`);
  } finally {
    looker.kill('SIGKILL');
    log.close();
    await endState(vtcode);
  }
}

/** Somebody at a terminal: waits for the run, looks on, or only looks once. */
function look(vtcode: TestVtcode, run: string, random: () => number): ChildProcess {
  const words = [['wait', run], ['wait', run], ['attach', run], ['ps']][Math.floor(random() * 4)]!;
  const child = vtcode.start(words);
  child.stdout?.resume();
  child.stderr?.resume();
  return child;
}

/** Reads the log until it has so many events. False: the run has ended before. */
async function reach(log: ReturnType<typeof openRunLog>, events: Event[], target: number): Promise<boolean> {
  for (let heardAt = Date.now(); ; await sleep(5)) {
    const news = log.read(events.length);
    events.push(...news);
    if (news.length > 0) heardAt = Date.now();
    if (events.at(-1)?.type === 'run.finished') return false;
    if (events.length >= target) return true;
    if (Date.now() - heardAt > silenceMsMax) return false; // `wait` and the judge say what became of it
  }
}

type Scene = { vtcode: TestVtcode; run: string; looker: ChildProcess; families: string[]; random: () => number };

/** Kills one of them and answers how it was started. Agents and commands come and go: one is waited for. Null: none came. */
async function killOne(role: Role, scene: Scene, killed: Disturbed['result']['killed']): Promise<string | null> {
  const { vtcode, run, looker, families, random } = scene;
  const end = (pid: number): string | null => {
    const command = commandOf(pid);
    return kill(pid, role, killed, run) ? `${pid} ${command.slice(-commandShown)}` : null;
  };
  if (role === 'cli') return end(looker.pid ?? 0);
  if (role === 'supervise') return end(pidOf(vtcode, 'supervise'));
  const host = pidOf(vtcode, 'host', run);
  if (role === 'host') return end(host);
  for (const started = Date.now(); Date.now() - started < comesMsMax; await sleep(5)) {
    const found = membersByRole(families, host).get(role) ?? [];
    const victim = end(found[Math.floor(random() * found.length)] ?? 0);
    if (victim !== null) return victim;
  }
  return null;
}
