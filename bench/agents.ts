import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Row } from '../orchestrator/runs/overview.ts';
import { launcher } from '../test/support/vtcode.ts';
import { endCrowd, eventsOfRun, privateMb, silent, spentMs, startCrowd } from './background.ts';
import { atMost, type Bench, type Figure, median } from './figures.ts';
import { isOurs, run, runWell } from './processes.ts';
import { type Stage, setStage } from './stage.ts';

const starts = 11;
const kills = 5;
const lookMs = 5_000;
/** Of a core, in per cent, for a host that has nothing to do but look after its agents. */
const idlePercentMost = 2;

/** Background agents, each a process: until one asks, what it takes while it waits, and until it is back after a kill. */
const agents: Bench = async () => {
  const stage = await setStage(['silent']);
  try {
    return [
      ...(await untilAsked(stage)),
      ...(await untilBack(stage)),
      ...(await idle(stage, 50)),
      ...(await listed(stage)),
    ];
  } finally {
    await stage.remove();
  }
};

/** From the parent's request, which is answered at once by the call that starts the agent, to the agent's first. */
async function untilAsked(stage: Stage): Promise<Figure[]> {
  const { environment } = stage.vtcode;
  const times: number[] = [];
  const bare: number[] = [];
  for (let turn = 0; turn < starts; turn += 1) {
    bare.push((await run({ argv: [process.execPath, '-e', '0'], environment })).ms);
    await runWell({ argv: [launcher, 'run', 'team 1 hello', '-C', stage.repository.root], environment });
    const asked = await stage.server.asked();
    const at = (opening: string) => asked.find((one) => one.opening === opening)?.atMs ?? Number.NaN;
    times.push(at('hello') - at('team 1 hello'));
  }
  const value = median(times);
  const ratio = { times: value / median(bare), of: 'bare runtime' };
  return [{ what: 'start until its first request, cold', value, unit: 'ms', ratio }];
}

/** From SIGKILL to the same agent's next request; its pause before the restart is in the log. */
async function untilBack(stage: Stage): Promise<Figure[]> {
  const whole: number[] = [];
  const own: number[] = [];
  for (let turn = 0; turn < kills; turn += 1) {
    const crowd = await startCrowd(stage, 1);
    const [pid = 0] = crowd.agents.values();
    const killedMs = Number(process.hrtime.bigint()) / 1e6;
    process.kill(pid, 'SIGKILL');
    let next = await stage.server.asked();
    for (; silent(next).length === 0; await sleep(20)) next = await stage.server.asked();
    const ms = (next.find(({ opening }) => opening.startsWith('silent'))?.atMs ?? Number.NaN) - killedMs;
    const events = eventsOfRun(stage, crowd.run);
    const crashed = events.find(({ type }) => type === 'agent.crashed');
    const again = events.find((event) => event.seq > (crashed?.seq ?? 0) && event.type === 'agent.started');
    whole.push(ms);
    own.push(ms - (Date.parse(again?.at ?? '') - Date.parse(crashed?.at ?? '')));
    await endCrowd(stage, crowd);
  }
  return [
    { what: 'kill -9 until its next request, with its pause of 125 to 250 ms', value: median(whole), unit: 'ms' },
    { what: 'kill -9 until its next request, without the pause', value: median(own), unit: 'ms' },
  ];
}

async function idle(stage: Stage, count: number): Promise<Figure[]> {
  const crowd = await startCrowd(stage, count);
  const bare = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e8)'], { stdio: 'ignore' });
  isOurs(bare.pid);
  await sleep(lookMs); // the work of starting is over
  const before = spentMs(crowd.host);
  const startedMs = performance.now();
  await sleep(lookMs);
  const percent = ((spentMs(crowd.host) - before) / (performance.now() - startedMs)) * 100;
  const own = median([...crowd.agents.values()].map(privateMb));
  const ratio = { times: own / privateMb(bare.pid ?? 0), of: 'bare runtime' };
  bare.kill();
  await endCrowd(stage, crowd);
  return [
    { what: `one of ${count} that wait: private memory`, value: own, unit: 'MB', ratio },
    atMost({ what: `host of ${count} that wait: of a core`, value: percent, unit: '%' }, idlePercentMost),
  ];
}

/** A hundred that wait, as `vtcode ps` has them. */
async function listed(stage: Stage): Promise<Figure[]> {
  const count = 100;
  const crowd = await startCrowd(stage, count);
  const { environment } = stage.vtcode;
  const ran = await runWell({ argv: [launcher, 'ps', '--json'], environment });
  const rows = (JSON.parse(ran.stdout) as { rows: Row[] }).rows.filter(({ agent }) => agent !== null);
  const right = rows.filter(({ state, memoryBytes }) => state === 'thinking' && (memoryBytes ?? 0) > 0).length;
  const mean = rows.reduce((sum, { memoryBytes }) => sum + (memoryBytes ?? 0), 0) / rows.length / 2 ** 20;
  await endCrowd(stage, crowd);
  const goal = { words: `${count}`, met: right === count && rows.length === count };
  return [
    { what: `vtcode ps: of ${count} that wait, listed as such`, value: right, unit: 'agents', goal },
    { what: `vtcode ps: memory of one of ${count} (its share)`, value: mean, unit: 'MB' },
  ];
}

export default agents;
