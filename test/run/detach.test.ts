import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Event } from '../../ipc/events.ts';
import { judgeRun } from '../chaos/judge-run.ts';
import { endOf } from '../support/called.ts';
import { detach, endState, eventsIn, pidOf, processesOf, untilLogged } from '../support/detached.ts';
import { commandOf, eventually } from '../support/processes.ts';
import { sampleGoal, sampleRepository } from '../support/sample.ts';
import { testVtcode } from '../support/vtcode.ts';

/**
 * Goal: a detached run lives through the end of everybody: cli, supervise and host, killed at different moments.
 * Method: the real program; what a killed run comes to is held against one that nobody disturbed.
 */
const vtcode = testVtcode();
const repository = sampleRepository();
const words = ['run', '--plan', sampleGoal, '--yes', '-C', repository.root];
let tree = '';
before(async () => {
  const called = await vtcode.call([...words, '--json']);
  assert.equal(called.code, 0, called.stderr);
  tree = repository.git('rev-parse', `${endOf(called).manifest?.branch}^{tree}`);
});
after(async () => {
  await endState(vtcode);
  repository.remove();
});

async function assertAsUndisturbed(run: string): Promise<void> {
  const waited = await vtcode.call(['wait', run]);
  assert.deepEqual({ code: waited.code, out: waited.stdout }, { code: 0, out: waited.stdout }, waited.stderr);
  assert.match(waited.stdout, new RegExp(`^${run} {2}DONE`));
  const log = await vtcode.call(['log', run, '--json']);
  assert.deepEqual(judgeRun(log, { repository, run, tree, tasks: 1 }), []);
}

function hostOf(run: string): number {
  return pidOf(vtcode, 'host', run);
}

test('--detach prints the id alone and returns; wait ends with the exit code of the run, result tells of it', async () => {
  const run = await detach(vtcode, [...words, '--detach', '--name', 'rename']);
  assert.equal(eventsIn(vtcode, run).at(-1)?.type === 'run.finished', false, 'it returned before the end');
  await assertAsUndisturbed('rename'.replace('rename', run));
  const result = await vtcode.call(['result', 'rename']);
  assert.match(result.stdout, new RegExp(`${run} {2}DONE: 1 task merged`));
  const json = await vtcode.call([...words, '--detach', '--json']);
  assert.deepEqual(Object.keys(JSON.parse(json.stdout) as object), ['run', 'name', 'detached']);
  assert.equal((await vtcode.call(['wait', (JSON.parse(json.stdout) as { run: string }).run])).code, 0);
});

const moments: [string, (event: Event) => boolean][] = [
  ['while the planner begins', ({ type }) => type === 'agent.started'],
  ['when a change is about to be made', ({ type }) => type === 'tool.started'],
  ['during a check', (event) => event.type === 'check.started' && event.subject !== 'base'],
  ['in the middle of a merge', ({ type }) => type === 'merge.started'],
];

test('a host that is killed is replaced, wherever it was: same tree, nothing twice, nothing left running', async () => {
  await Promise.all(
    moments.map(async ([moment, holds]) => {
      const run = await detach(vtcode, [...words, '--detach']);
      await untilLogged(vtcode, run, holds);
      const host = hostOf(run);
      if (host > 0) process.kill(host, 'SIGKILL');
      await assertAsUndisturbed(run);
      const hosts = eventsIn(vtcode, run).filter(({ type }) => type === 'host.started').length;
      assert.ok(hosts === 2 || host === 0, `${moment}: ${hosts} hosts`);
    }),
  );
  const onlySupervise = () => processesOf(vtcode).every(({ pid }) => commandOf(pid).endsWith('supervise'));
  assert.ok(
    await eventually(onlySupervise, 5_000),
    processesOf(vtcode)
      .map(({ pid }) => commandOf(pid))
      .join('\n'),
  );
});

test('supervise may be killed: its hosts do not notice, and whoever waits starts another for those that die later', async () => {
  const run = await detach(vtcode, [...words, '--detach']);
  await untilLogged(vtcode, run, ({ type }) => type === 'host.started');
  const [supervise, host] = [pidOf(vtcode, 'supervise'), hostOf(run)];
  assert.ok(supervise > 0 && host > 0);
  process.kill(supervise, 'SIGKILL');
  process.kill(host, 'SIGKILL');
  await assertAsUndisturbed(run);
  assert.ok(pidOf(vtcode, 'supervise') > 0);
  assert.notEqual(pidOf(vtcode, 'supervise'), supervise);
});
