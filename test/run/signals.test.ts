// Goal: when the cli ends by a signal, also by SIGKILL, no process of the run is left 5 s later, and the run can go on.
// Method: a check that spins, one that heeds no signal and two that flee from their session; every process is known by
// number and start time before the signal, and looked for after it.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { commandOf, eventually, membersOf, type Seen, stillRunning } from '../support/processes.ts';
import { makeRepository } from '../support/repository.ts';
import { sampleFiles, sampleGoal, sampleRepository } from '../support/sample.ts';
import { testVtcode } from '../support/vtcode.ts';
import { watch } from '../support/watched.ts';

const vtcode = testVtcode();
const busyCheck = `import { spawn } from 'node:child_process';
const start = (...words) => spawn(words[0], words.slice(1), { stdio: 'ignore' });
start('sh', '-c', "trap '' TERM INT HUP; while :; do sleep 1; done");
start('setsid', '--fork', 'sh', '-c', 'setsid --fork sleep 4321; sleep 4322');
start('env', '-i', '/usr/bin/setsid', '--fork', '/bin/sleep', '4323');
setTimeout(() => { while (true); }, 200);
`;
const busy = makeRepository({ ...sampleFiles, 'check.sh': 'exec node check.mjs\n', 'check.mjs': busyCheck });
const quick = sampleRepository();
after(() => {
  for (const repository of [busy, quick]) repository.remove();
  rmSync(join(vtcode.state, '..'), { recursive: true, force: true });
});

/** No process may be left so long after the end of the cli, in milliseconds. */
const leftMsMax = 5_000;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const) {
  test(`after ${signal} nothing of a busy check is left`, async () => {
    const run = watch(vtcode, ['run', '--plan', sampleGoal, '--yes', '-C', busy.root]);
    const { family } = await run.until((event) => event.type === 'host.started');
    let members: Seen[] = [];
    const flown = () => {
      members = membersOf(String(family));
      const commands = members.map(({ pid }) => commandOf(pid));
      return ['sleep 4321', 'sleep 4322', '/bin/sleep 4323', 'check.mjs'].every((words) =>
        commands.some((command) => command.includes(words)),
      );
    };
    assert.ok(await eventually(flown, 10_000), members.map(({ pid }) => commandOf(pid)).join('\n'));
    await eventually(() => false, 250); // until the check is in its loop
    members = membersOf(String(family));
    run.child.kill(signal);
    const gone = await eventually(() => stillRunning(members).length === 0, leftMsMax);
    assert.ok(
      gone,
      `left: ${stillRunning(members)
        .map(({ pid }) => commandOf(pid))
        .join('; ')}`,
    );
    assert.deepEqual(membersOf(String(family)), []);
    const { code, signal: by, end } = await run.ended;
    if (signal === 'SIGKILL') return assert.equal(by, 'SIGKILL');
    assert.deepEqual(
      { code, told: end?.exitCode, state: end?.state, reason: end?.manifest?.reason },
      { code: 130, told: 130, state: 'interrupted', reason: `interrupted (${signal})` },
    );
  });
}

test('an interrupted run is resumed to the same tree as one that was not', async () => {
  const calm = await watch(vtcode, ['run', '--plan', sampleGoal, '--yes', '-C', quick.root]).ended;
  const tree = (branch: string) => quick.git('rev-parse', `${branch}^{tree}`);
  for (const type of ['agent.started', 'tool.started', 'task.collected']) {
    const run = watch(vtcode, ['run', '--plan', sampleGoal, '--yes', '-C', quick.root]);
    await run.until((event) => event.type === type && event.agent !== 'planner');
    run.child.kill('SIGINT');
    const interrupted = await run.ended;
    assert.equal(interrupted.code, 130, JSON.stringify(interrupted.end?.error));
    assert.equal(interrupted.end?.state, 'interrupted');
    const resumed = await watch(vtcode, ['resume', interrupted.end?.run ?? '']).ended;
    assert.equal(resumed.code, 0, JSON.stringify(resumed.end?.error));
    assert.equal(tree(resumed.end?.manifest?.branch ?? ''), tree(calm.end?.manifest?.branch ?? ''));
    assert.equal(quick.git('rev-list', '--count', `main..${resumed.end?.manifest?.branch}`), '1');
  }
});
