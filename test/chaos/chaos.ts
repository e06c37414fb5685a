import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandOf } from '../support/processes.ts';
import { seeded } from '../support/random.ts';
import { jsonLines, type TestVtcode, testVtcode } from '../support/vtcode.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';
import { disturbDetached } from './detached.ts';
import { judgeRun } from './judge-run.ts';
import { sampleRepository } from './sample.ts';
import { commandShown, type Killed, kill, leftMsMax, leftRunning, membersByRole } from './victims.ts';

/**
 * Chaos: works one plan again and again, kills the host with SIGKILL at points that a seed chooses, resumes it, and
 * looks whether anything was lost, done twice or left running.
 */
export type ChaosResult = { kills: number; killed: Killed; runs: number; events: number; faults: string[] };

/** Where a chaos run stands between two runs: what it found so far and where its generator is. */
export type ChaosProgress = { result: ChaosResult; random: number };

type Options = {
  seed: number;
  kills: number;
  tasks: number;
  /** Kills any process of the run, agents, hands and commands too, and not only the host. */
  anyone?: boolean;
  /** Works the runs in the background: any process may be killed, `supervise` and the cli too, and nobody resumes. */
  detached?: boolean;
  tell(line: string): void;
  /** Goes on from here instead of from the seed. */
  from?: ChaosProgress;
  /** Called after each run, so that an interrupted chaos run can go on later. */
  onProgress?(progress: ChaosProgress): void;
};

export async function chaos({
  seed,
  kills,
  tasks,
  anyone = false,
  detached = false,
  tell,
  from,
  onProgress,
}: Options): Promise<ChaosResult> {
  const generator = seeded(from?.random ?? seed);
  const random = generator.next;
  const { repository, plan } = sampleRepository(tasks, anyone || detached);
  const planFile = join(repository.root, '..', `plan-${process.pid}-${seed}.toml`);
  writeFileSync(planFile, plan);
  const result: ChaosResult = structuredClone(from?.result) ?? { kills: 0, killed: {}, runs: 0, events: 0, faults: [] };
  try {
    const start = ['run', '--plan-file', planFile, '--yes', '--json', '-C', repository.root];
    const calm = vtcodeHere();
    const undisturbed = await calm.call(start);
    const wanted = endOf(undisturbed.stdout);
    if (undisturbed.code !== 0)
      throw new Error(`the undisturbed run failed: ${undisturbed.stderr}${undisturbed.stdout.slice(-500)}`);
    const wantedTree = repository.git('rev-parse', `${wanted.branch}^{tree}`);
    while (result.kills < kills && result.faults.length === 0) {
      result.runs += 1;
      const wantedRun = { ...wanted, tree: wantedTree };
      const told = (...faults: string[]) => {
        result.faults.push(...faults);
        for (const fault of faults) tell(`FAULT seed ${seed}, after kill ${result.kills}: ${fault}`);
      };
      const one = { start, wanted: wantedRun, random, result, kills, repository, tasks, anyone, tell, fault: told };
      await (detached ? disturbDetached(one) : disturbedRun(one));
      onProgress?.({ result, random: generator.state() });
      tell(`run ${result.runs}: ${result.kills} kills so far, ${result.faults.length} faults`);
    }
  } finally {
    repository.remove();
  }
  return result;
}

type Wanted = { events: number; branch: string; tree: string };
/** One run: how it is started, what it must come to, and where what is found is kept. */
export type Disturbed = {
  start: string[];
  wanted: Wanted;
  random: () => number;
  result: ChaosResult;
  kills: number;
  repository: ReturnType<typeof sampleRepository>['repository'];
  tasks: number;
  anyone: boolean;
  tell(line: string): void;
  /** Keeps faults and tells them at once: a log that breaks off has them. */
  fault(...faults: string[]): void;
};

async function disturbedRun(one: Disturbed): Promise<void> {
  const { wanted, random, result, repository } = one;
  const vtcode = testVtcode();
  let run: string | null = null;
  let atSeq = 0;
  // Up to five kills in one run, so that kills during recovery are met as well.
  for (let lives = 0; lives < 5 && result.kills < one.kills; lives += 1) {
    const target = atSeq + 1 + Math.floor(random() * Math.max(8, (wanted.events - atSeq) * 0.6));
    const args = run === null ? one.start : ['resume', run, '--json'];
    const others = one.anyone ? Math.floor(random() * 5) : 0;
    const death = { target, delayMs: random() * 25, others, random, result, tell: one.tell };
    const life = await liveUntil(vtcode, args, death);
    run ??= life.run;
    atSeq = Math.max(atSeq, life.seq);
    if (!life.killed) break;
    result.kills += 1;
    result.killed.host = (result.killed.host ?? 0) + 1;
    one.tell(`kill ${result.kills}: host of ${life.run} at event ${life.seq}`);
    const left = await leftRunning(life.families);
    if (left.length > 0) one.fault(`processes left ${leftMsMax} ms after event ${life.seq}: ${left.join(', ')}`);
    if (run === null) return; // killed before the run was made: nothing happened
  }
  if (run === null) return;
  const last = await vtcode.call(['resume', run, '--json']);
  one.fault(...judgeRun(last, { repository, run, tree: wanted.tree, tasks: one.tasks }));
  result.events += jsonLines(last.stdout).length;
  repository.git('branch', '--delete', '--force', `vtcode/${run}`);
  if (result.faults.length === 0) rmSync(join(vtcode.state, '..'), { recursive: true, force: true, maxRetries: 3 });
}

type Life = { run: string | null; seq: number; killed: boolean; families: string[] };
/** `others`: so many processes of the run that are not its host die before it, one after the other. */
type Death = Pick<Disturbed, 'random' | 'result' | 'tell'> & { target: number; delayMs: number; others: number };

/** Runs vtcode until it has told event `target`, waits a little, and kills it; or until it ends by itself. */
async function liveUntil(vtcode: TestVtcode, args: string[], death: Death): Promise<Life> {
  const { delayMs, others, random } = death;
  let { target } = death;
  const child = vtcode.start(args);
  const life: Life = { run: null, seq: 0, killed: false, families: [] };
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  let resolve = () => {};
  const reach = () => {
    const { promise, resolve: wake } = Promise.withResolvers<string>();
    resolve = () => wake('reached');
    return promise;
  };
  const firstReached = reach();
  createInterface({ input: child.stdout! }).on('line', (line) => {
    const event = JSON.parse(line) as { seq: number; run: string; type: string; family?: string };
    if (event.type === 'cli.ended') return;
    life.run = event.run;
    life.seq = event.seq;
    if (event.type === 'host.started' && event.family) life.families.push(event.family);
    if (event.seq >= target) resolve();
  });
  const atEnd = ended.then(() => 'ended');
  if ((await Promise.race([firstReached, atEnd])) === 'ended') return life;
  for (let count = 0; count < others; count += 1) {
    killOther(life, child.pid ?? 0, death);
    target = life.seq + 3 + Math.floor(random() * 10);
    if ((await Promise.race([reach(), atEnd])) === 'ended') return life;
  }
  await sleep(delayMs);
  life.killed = child.kill('SIGKILL');
  await ended;
  return life;
}

/** Kills one process of the run that is neither its host nor its reaper, if there is one. */
function killOther({ run, seq, families }: Life, host: number, { random, result, tell }: Death): void {
  const others = [...membersByRole(families, host)].flatMap(([role, pids]) => pids.map((pid) => ({ role, pid })));
  const victim = others[Math.floor(random() * others.length)];
  const command = commandOf(victim?.pid ?? 0);
  if (!victim || !kill(victim.pid, victim.role, result.killed, run ?? '')) return;
  result.kills += 1;
  tell(`kill ${result.kills}: ${victim.role} ${victim.pid} of ${run} at event ${seq}: ${command.slice(-commandShown)}`);
}

function endOf(output: string): { events: number; branch: string } {
  const end = jsonLines(output).at(-1) as { manifest: { events: number; branch: string } };
  return end.manifest;
}
