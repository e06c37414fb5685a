import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Event } from '../ipc/events.ts';
import { readOr } from '../supervisor/identity.ts';
import { eventsIn, pidOf, processesOf } from '../test/support/detached.ts';
import { launcher } from '../test/support/vtcode.ts';
import { runWell } from './processes.ts';
import type { Asked } from './scripted-server.ts';
import type { Stage } from './stage.ts';

/** A detached run whose agent has started others that wait for their models: as benches look at it. */
export type Crowd = { run: string; host: number; agents: Map<string, number> };

/** How long a crowd may take to come up, in milliseconds: a loaded machine starts five processes a second. */
const upMsMax = 120_000;

/** Starts `count` background agents that never hear an answer; resolves when all have asked. `asked`: their requests. */
export async function startCrowd(stage: Stage, count: number): Promise<Crowd & { asked: Asked[] }> {
  const words = ['run', `team ${count} silent #`, '--detach', '-C', stage.repository.root];
  const { environment } = stage.vtcode;
  const run = (await runWell({ argv: [launcher, ...words], environment })).stdout.trim();
  const asked: Asked[] = [];
  for (const started = performance.now(); new Set(silent(asked)).size < count; await sleep(100)) {
    asked.push(...(await stage.server.asked()));
    if (performance.now() - started > upMsMax) throw new Error(`${asked.length} of ${count} agents have asked`);
  }
  const found = processesOf(stage.vtcode).flatMap(({ pid }) => {
    const name = /\0VTCODE_AGENT=([^\0]+)/.exec(readOr('', () => readFileSync(`/proc/${pid}/environ`, 'latin1')))?.[1];
    return name ? [[name, pid] as const] : [];
  });
  return { run, host: pidOf(stage.vtcode, 'host', run), agents: new Map(found), asked };
}

export async function endCrowd(stage: Stage, { run }: Crowd): Promise<void> {
  const { environment } = stage.vtcode;
  await runWell({ argv: [launcher, 'stop', '--now', run], environment });
}

export function silent(asked: Asked[]): string[] {
  return asked.map(({ opening }) => opening).filter((opening) => opening.startsWith('silent'));
}

export function eventsOfRun(stage: Stage, run: string): Event[] {
  return eventsIn(stage.vtcode, run);
}

/** A process's private memory, in MiB. */
export function privateMb(pid: number): number {
  const text = readOr('', () => readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'));
  const of = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? Number.NaN);
  return (of('Private_Clean') + of('Private_Dirty')) / 1024;
}

/** Processor time of a process so far, in milliseconds, in steps of ten. */
export function spentMs(pid: number): number {
  const fields = readOr('', () => readFileSync(`/proc/${pid}/stat`, 'latin1')).replace(/^.*\) /s, '');
  const [user, system] = fields.split(' ').slice(11, 13);
  return (Number(user) + Number(system)) * 10;
}
