import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'better-sqlite3';
import type { Event } from '../../ipc/events.ts';
import { runPaths } from '../../state/paths.ts';
import { jsonLines, type TestVtcode } from '../support/vtcode.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';
import { judgeRun } from './judge-run.ts';
import { sampleRepository } from './sample.ts';

/**
 * Kills the host exactly at chosen events of a run, one run per event, resumes each and looks whether it ends as the
 * undisturbed run does. With every event chosen no point between two acts is left out. With `powerLoss` the log also loses
 * what a power loss may take: everything after the last event that was written durably, while all that was done stays.
 */
export type EveryEventResult = { deaths: number; events: number; faults: string[] };

type Options = { tasks: number; chosen(seq: number): boolean; powerLoss?: boolean; tell(line: string): void };

export async function everyEvent({ tasks, chosen, powerLoss = false, tell }: Options): Promise<EveryEventResult> {
  const { repository, plan } = sampleRepository(tasks);
  const planFile = join(repository.root, '..', `plan-${process.pid}-every.toml`);
  writeFileSync(planFile, plan);
  const start = ['run', '--plan-file', planFile, '--yes', '--json', '-C', repository.root];
  const faults: string[] = [];
  let deaths = 0;
  try {
    const calm = await vtcodeHere().call(start);
    const end = jsonLines(calm.stdout).at(-1) as { manifest: { events: number; branch: string } };
    const tree = repository.git('rev-parse', `${end.manifest.branch}^{tree}`);
    for (let seq = 1; seq <= end.manifest.events; seq += 1) {
      if (!chosen(seq)) continue;
      const vtcode = vtcodeHere();
      const dying = await vtcode.call(start, { environment: deadly(seq) });
      const run = (jsonLines(dying.stdout)[0] as { run?: string } | undefined)?.run ?? (await onlyRun(vtcode));
      if (dying.signal !== 'SIGKILL' || !run) continue; // the run had fewer events this time, or none
      deaths += 1;
      if (powerLoss) losePower(runPaths(vtcode.state, run).log);
      const resumed = await vtcode.call(['resume', run, '--json']);
      const found = judgeRun(resumed, { repository, run, tree, tasks }).map(
        (fault) => `killed at event ${seq}: ${fault}`,
      );
      for (const fault of found) tell(`FAULT ${fault}`);
      faults.push(...found);
      repository.git('branch', '--delete', '--force', `vtcode/${run}`);
      if (deaths % 10 === 0) tell(`event ${seq} of ${end.manifest.events}: ${deaths} deaths, ${faults.length} faults`);
    }
    return { deaths, events: end.manifest.events, faults };
  } finally {
    repository.remove();
  }
}

/** What is on disk when its append returns (docs/background.md); of a run like the sample's. */
const durable: Event['type'][] = ['run.created', 'tool.started', 'merge.started', 'run.finished'];

function losePower(file: string): void {
  const log = new Database(file);
  const types = durable.map((type) => `'${type}'`).join();
  log.exec(
    `DROP TRIGGER events_remain; DELETE FROM events WHERE seq > (SELECT max(seq) FROM events WHERE type IN (${types}));
     CREATE TRIGGER events_remain BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END`,
  );
  log.close();
}

/** A host that dies before it has told of its first event has a run all the same. */
async function onlyRun(vtcode: TestVtcode): Promise<string | undefined> {
  const listed = await vtcode.call(['list', '--all', '--json']);
  const [document] = jsonLines(listed.stdout) as { runs: { run: string }[] }[];
  return document?.runs[0]?.run;
}

function deadly(seq: number): Record<string, string> {
  const preload = pathToFileURL(join(import.meta.dirname, 'die-at-event.mjs')).href;
  return { NODE_OPTIONS: `--import=${preload}`, DIE_AT_EVENT: String(seq) };
}
