import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Event } from '../../ipc/events.ts';
import { newFamilyToken } from '../../ipc/ids.ts';
import { isHeld, type Lease, takeLease } from '../../state/lease.ts';
import { runPaths, statePaths } from '../../state/paths.ts';
import { openRunLog } from '../../state/run-log.ts';
import { readProcessStat } from '../../supervisor/identity.ts';
import { judgeRun } from '../chaos/judge-run.ts';
import { endOf } from '../support/called.ts';
import { detach, endState, eventsIn, killStarted, pidOf, processesOf, untilLogged } from '../support/detached.ts';
import { startModelServer } from '../support/model-server.ts';
import { commandOf, eventually, membersOf, stillRunning } from '../support/processes.ts';
import { temporaryFolder } from '../support/repository.ts';
import { sampleGoal, sampleRepository } from '../support/sample.ts';
import { useModel, writeSettings } from '../support/scripted-run.ts';
import { testVtcode } from '../support/vtcode.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

/**
 * Goal: a detached run lives through the end of everybody: cli, supervise and host, killed at different moments.
 * Method: the real program; what a killed run comes to is held against one that nobody disturbed.
 */
const vtcode = vtcodeHere();
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

/** Sends a signal to the host that the log names; false: it has ended. */
function signalHost(run: string, signal: NodeJS.Signals): boolean {
  const hosts = eventsIn(vtcode, run).flatMap((event) =>
    event.type === 'host.started' ? [Number(event.process)] : [],
  );
  try {
    return process.kill(hosts.at(-1)!, signal);
  } catch {
    return false;
  }
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

const moments: [string, (event: Event) => boolean, NodeJS.Signals?][] = [
  ['while the planner begins', ({ type }) => type === 'agent.started'],
  ['when a change is about to be made', ({ type }) => type === 'tool.started'],
  ['during a check', (event) => event.type === 'check.started' && event.subject !== 'base'],
  ['in the middle of a merge', ({ type }) => type === 'merge.started'],
  ['by a signal that no wish goes with, as at a shutdown', ({ type }) => type === 'agent.started', 'SIGTERM'],
];

test('a host that is killed is replaced, wherever it was: same tree, nothing twice, nothing left running', async () => {
  await Promise.all(
    moments.map(async ([moment, holds, signal = 'SIGKILL']) => {
      const run = await detach(vtcode, [...words, '--detach']);
      await untilLogged(vtcode, run, holds);
      const isHit = signalHost(run, signal);
      // On a machine that is quick, or slow to look, it was over already.
      const isOver = eventsIn(vtcode, run).some(({ type }) => type === 'run.finished');
      await assertAsUndisturbed(run);
      const hosts = eventsIn(vtcode, run).filter(({ type }) => type === 'host.started').length;
      assert.ok(hosts === 2 || !isHit || isOver, `${moment}: ${hosts} hosts`);
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
  // Stopped at once: it must not be done before it has been looked at.
  assert.ok(signalHost(run, 'SIGSTOP'));
  await eventually(() => pidOf(vtcode, 'supervise') > 0, 20_000);
  const [supervise, host] = [pidOf(vtcode, 'supervise'), hostOf(run)];
  assert.ok(supervise > 0 && host > 0, `supervise ${supervise}, host ${host}`);
  for (const pid of [supervise, host]) assert.equal(readProcessStat(pid)?.session, pid, 'a session of its own');
  process.kill(supervise, 'SIGKILL');
  process.kill(host, 'SIGKILL');
  await assertAsUndisturbed(run);
  assert.ok(pidOf(vtcode, 'supervise') > 0);
  assert.notEqual(pidOf(vtcode, 'supervise'), supervise);
});

test('a run that is stopped while a host for it is coming up stays stopped', async () => {
  const run = await detach(vtcode, [...words, '--detach']);
  await untilLogged(vtcode, run, ({ type }) => type === 'agent.started');
  // The next host is one that is held before its first step.
  await killStarted(vtcode, 'supervise');
  signalHost(run, 'SIGKILL');
  const coming = vtcode.start(['host', run]);
  process.kill(coming.pid!, 'SIGSTOP');
  const ended = new Promise((resolve) => coming.on('close', resolve));
  const stopped = await vtcode.call(['stop', '--now', run]);
  assert.equal(stopped.code, 0, stopped.stderr);
  process.kill(coming.pid!, 'SIGCONT');
  await ended;
  const types = eventsIn(vtcode, run).map(({ type }) => type);
  assert.ok(types.includes('run.intended'), types.join(' '));
  assert.ok(!types.slice(types.indexOf('run.intended')).includes('host.started'), types.join(' '));
});

test('a run that is stopped while its host ends for another reason, deaf to it, stays stopped', async () => {
  const run = await detach(vtcode, [...words, '--detach']);
  await untilLogged(vtcode, run, ({ type }) => type === 'agent.started');
  signalHost(run, 'SIGKILL');
  // This process is the next host: it is told to stop, and fails without a word of that.
  const paths = runPaths(vtcode.state, run);
  const taken: Lease[] = [];
  const isTaken = () => {
    taken.push(...[takeLease(paths.lease)].filter((lease) => lease !== null));
    return taken.length > 0;
  };
  assert.ok(await eventually(isTaken, 20_000));
  const log = openRunLog(paths.log, run);
  log.own();
  const stopping = vtcode.call(['stop', '--now', run]);
  assert.ok(await eventually(() => log.takeCommands().some(({ command }) => command === 'stop'), 20_000));
  const failed = { type: 'host.stopped' as const, reason: 'it failed', exitCode: 1 };
  log.append([failed], { at: new Date().toISOString(), durable: true });
  log.close();
  taken[0]?.release();
  const stopped = await stopping;
  assert.equal(stopped.code, 0, stopped.stderr);
  const types = eventsIn(vtcode, run).map(({ type }) => type);
  assert.ok(types.includes('run.intended'), types.join(' '));
});

test('a host that finds no supervise starts one, so that its own death is seen with nobody looking', async (t) => {
  const server = await startModelServer(() => ({ pieces: () => ['hang'] }));
  const own = vtcodeHere();
  t.after(async () => {
    await server.stop();
    await endState(own);
  });
  useModel(own, server);
  const run = await detach(own, ['run', 'x', '--detach', '-C', temporaryFolder('alone')]);
  await untilLogged(own, run, ({ type }) => type === 'model.granted');
  const supervise = await killStarted(own, 'supervise');
  const isAnother = () => ![0, supervise].includes(pidOf(own, 'supervise'));
  assert.ok(await eventually(isAnother, 30_000), 'the host has started another');
  await killStarted(own, 'host', run);
  const hosts = () => eventsIn(own, run).filter(({ type }) => type === 'host.started').length;
  assert.ok(await eventually(() => hosts() === 2, 30_000), JSON.stringify(eventsIn(own, run).slice(-3)));
  await own.call(['stop', '--now', run]);
});

test('a supervise that comes up after its state folder was taken away ends, and makes no other', async () => {
  const gone = vtcodeHere();
  const { code, stderr } = await gone.call(['supervise']);
  assert.deepEqual({ code, stderr, made: existsSync(gone.state) }, { code: 0, stderr: '', made: false });
});

test('the next host gets the environment of the one before; a host without the key that it needs does not begin', async (t) => {
  const server = await startModelServer(() => ({ pieces: () => ['hang'] }));
  const folder = temporaryFolder('keys');
  const keyed = vtcodeHere();
  t.after(async () => {
    await server.stop();
    await endState(keyed);
  });
  writeSettings(
    keyed,
    `[providers.acme]\nbase_url = "${server.baseUrl('openai-chat')}"\nformat = "openai-chat"\napi_key_env = "ACME_KEY"\n[roles.general]\nmodels = ["acme/big"]\n`,
  );
  const environment = { ACME_KEY: 'sk-acme-1' };
  const run = (await keyed.call(['run', 'x', '--detach', '-C', folder], { environment })).stdout.trim();
  await untilLogged(keyed, run, ({ type }) => type === 'model.granted');
  // Another supervise, started by somebody without the key, still finds it at the living host.
  const first = await killStarted(keyed, 'supervise');
  assert.equal((await keyed.call(['run', '--plan', sampleGoal, '--yes', '--detach', '-C', repository.root])).code, 0);
  const isAnother = () => ![0, first].includes(pidOf(keyed, 'supervise')) && isHeld(statePaths(keyed.state).supervise);
  assert.ok(await eventually(isAnother, 20_000));
  // It looks at every host when it comes up, and each two seconds; nobody can see from outside that it did.
  await sleep(4_000);
  const asked = server.requests.length;
  await killStarted(keyed, 'host', run);
  assert.ok(await eventually(() => server.requests.length > asked, 30_000), 'it goes on');
  assert.equal(server.requests.at(-1)?.headers.authorization, 'Bearer sk-acme-1');
  await keyed.call(['stop', '--now', run]);
  await keyed.call(['resume', run]);
  const waited = await keyed.call(['wait', run]);
  assert.deepEqual(
    { code: waited.code, said: /needs a key: ACME_KEY is not set/.test(waited.stdout) },
    { code: 2, said: true },
    waited.stdout,
  );
  assert.equal(
    eventsIn(keyed, run).some(({ type }) => type === 'run.finished'),
    false,
    'it can go on with the key',
  );
});

test('a plan that waits keeps nobody busy; approve has it go on in the background; whoever looks on may be killed', async () => {
  const run = await detach(vtcode, ['run', '--plan', sampleGoal, '--detach', '-C', repository.root]);
  assert.equal((await vtcode.call(['wait', run])).code, 3);
  assert.ok(await eventually(() => hostOf(run) === 0, 20_000), 'its host has ended');
  const looking = vtcode.start(['attach', run]);
  const approved = await vtcode.call(['approve', run]);
  assert.match(approved.stdout, /goes on in the background/, approved.stderr);
  looking.kill('SIGKILL');
  await assertAsUndisturbed(run);
});

test('what a dead host and its dead reaper left running is swept as soon as there is a supervise again', async () => {
  const own = testVtcode();
  // It heeds no signal and has left its group: nothing but its mark tells whose it is.
  const family = newFamilyToken();
  const escaped = spawn('setsid', ['sh', '-c', 'trap "" TERM HUP; sleep 300'], {
    env: { ...process.env, VTCODE_FAMILY: family },
  });
  const run = (await own.call(['run', 'rename a to b', '--detach', '-C', repository.root])).stdout.trim();
  await own.call(['stop', '--now', run]);
  await killStarted(own, 'supervise');
  const log = openRunLog(runPaths(own.state, run).log, run);
  log.own();
  const host = { type: 'host.started' as const, epoch: 9, process: '1', family, program: 'vtcode' };
  log.append([host, { type: 'host.stopped', reason: 'x', exitCode: 4 }], {
    at: new Date().toISOString(),
    durable: true,
  });
  log.close();
  assert.ok(stillRunning(membersOf(family)).length > 0);
  await own.call(['run', 'rename a to b', '--detach', '-C', repository.root]);
  assert.ok(await eventually(() => membersOf(family).length === 0, 10_000));
  escaped.kill('SIGKILL');
  await endState(own);
});
