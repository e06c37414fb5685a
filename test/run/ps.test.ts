import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Event, EventBody } from '../../ipc/events.ts';
import type { Row } from '../../orchestrator/runs/overview.ts';
import { runPaths } from '../../state/paths.ts';
import { openRunLog } from '../../state/run-log.ts';
import { assertRefused } from '../support/called.ts';
import { detach, endState, eventsIn, pidOf, untilLogged } from '../support/detached.ts';
import { type Reply, startModelServer } from '../support/model-server.ts';
import { temporaryFolder } from '../support/repository.ts';
import { sampleGoal } from '../support/sample.ts';
import { messagesOf, textOf, useModel } from '../support/scripted-run.ts';
import { launcher } from '../support/vtcode.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

/**
 * Goal: what works in the background can be seen, spoken to, paused, ended and collected, and wrong words say what is wrong.
 * Method: the real program against a scripted model on loopback that answers when it is let.
 */
const vtcode = vtcodeHere();
const server = await startModelServer(() => ({ answer: { text: 'Hello.' } }));
useModel(vtcode, server);
const folder = temporaryFolder('background');
after(async () => {
  await server.stop();
  await endState(vtcode);
});

const start = (...args: string[]) =>
  detach(vtcode, ['agent', 'start', 'explorer', 'look around', '--read-only', '-C', folder, ...args]);

/** From now on the model says nothing until it is let; then it says this. */
function hold(answer: Reply['answer'] = { text: 'Looked.' }) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  server.answerWith(async () => {
    asked.resolve();
    await promise;
    return { answer: answer ?? {} };
  });
  return { asked: asked.promise, let: resolve };
}

async function rows(...args: string[]): Promise<Row[]> {
  const called = await vtcode.call(['ps', '--json', ...args]);
  assert.equal(called.code, 0, called.stderr);
  return (JSON.parse(called.stdout) as { rows: Row[] }).rows;
}

async function stateOf(run: string): Promise<string | undefined> {
  return (await rows('-a')).find((row) => row.run === run)?.state;
}

function typesIn(run: string): string[] {
  return eventsIn(vtcode, run).map(({ type }) => type);
}

const isGranted = ({ type }: Event) => type === 'model.granted';

test('an agent in the background is listed truthfully, waited for and collected', async () => {
  const held = hold();
  const run = await start('--name', 'look', '--usd', '2');
  await held.asked;
  const [row] = await rows();
  const { memoryBytes, progressAt, ...plain } = row!;
  assert.deepEqual(plain, {
    ...{ run, agent: null, name: 'look', state: 'working', live: true, detached: true, role: 'explorer' },
    ...{ task: 'look around', models: ['acme/big'], tokens: 0, usd: 0, restarts: 0, root: folder },
  });
  assert.ok((memoryBytes ?? 0) > 20 * 2 ** 20, `${memoryBytes} bytes`);
  assert.ok(eventsIn(vtcode, run).some(({ at }) => at === progressAt));
  const listed = await vtcode.call(['ps']);
  assert.match(
    listed.stdout,
    new RegExp(`^ID .*\\n${run} +look +working +\\d+s ago +acme/big .* MB +0 +look around\\n$`),
  );
  await assertRefused(vtcode, ['result', 'look'], {
    exitCode: 2,
    code: 'usage',
    says: [/no result yet/, /vtcode wait/],
  });
  const waiting = vtcode.call(['wait', 'look']);
  held.let();
  assert.deepEqual(await waiting.then(({ code, stdout }) => ({ code, stdout })), {
    code: 0,
    stdout: `${run}  DONE: Looked.\n`,
  });
  assert.equal((await vtcode.call(['result', 'look'])).stdout, 'Looked.\n');
  assert.deepEqual(await rows(), []);
  const created = eventsIn(vtcode, run)[0];
  assert.ok(created?.type === 'run.created' && created.config.limits.usd === 2 && created.options.usd === 2);
});

test('pause lets the call under way finish; what is said meanwhile is heard when it goes on', async () => {
  const held = hold({ calls: [{ name: 'list_files', arguments: {} }] });
  const run = await start();
  await held.asked;
  const pausing = vtcode.call(['pause', run]);
  await untilLogged(vtcode, run, ({ type }) => type === 'run.intended');
  held.let();
  const paused = await pausing;
  assert.deepEqual(
    { code: paused.code, out: paused.stdout },
    { code: 0, out: `Paused ${run}. Go on with: vtcode resume ${run}\n` },
    paused.stderr,
  );
  const types = typesIn(run);
  assert.ok(types.includes('model.finished') && types.includes('tool.finished'), types.join(' '));
  assert.equal(types.filter((type) => type === 'model.granted').length, 1, 'no call was granted while it drained');
  assert.equal(await stateOf(run), 'paused');
  assert.equal((await vtcode.call(['wait', run])).code, 130);
  const said = await vtcode.call(['say', run, 'mind the tests']);
  assert.match(said.stdout, /hears it when the run goes on/, said.stderr);
  server.answerWith(() => ({ answer: { text: 'Minded.' } }));
  const resumed = await vtcode.call(['resume', run]);
  assert.match(resumed.stdout, /goes on in the background/, resumed.stderr);
  assert.equal((await vtcode.call(['wait', run])).stdout, `${run}  DONE: Minded.\n`);
  assert.match(messagesOf(server.requests.at(-1)!).map(textOf).join('\n'), /mind the tests/);
});

test('stop --now cuts the call off, and nobody starts another host; say reaches one that works', async () => {
  const held = hold();
  const run = await start();
  await held.asked;
  assert.match((await vtcode.call(['say', `${run}/agent`, 'hurry'])).stdout, new RegExp(`^Told agent of ${run}`));
  const stopped = await vtcode.call(['stop', '--now', run]);
  assert.deepEqual({ code: stopped.code, state: await stateOf(run) }, { code: 0, state: 'stopped' }, stopped.stderr);
  held.let();
  assert.ok(typesIn(run).includes('agent.told'));
  assert.equal(pidOf(vtcode, 'host', run), 0);
  const again = await vtcode.call(['stop', run]);
  assert.deepEqual(
    { code: again.code, out: again.stdout },
    { code: 0, out: `No host works on ${run}: it is stopped.\n` },
  );
});

test('restart puts a new host in the place of the old one, and logs and attach show the run to its end', async () => {
  const held = hold();
  const run = await start();
  await held.asked;
  const restarted = await vtcode.call(['restart', '--now', run]);
  assert.equal(restarted.code, 0, restarted.stderr);
  await untilLogged(vtcode, run, (event) => isGranted(event) && event.seq > 10);
  const following = [vtcode.call(['logs', '-f', run]), vtcode.call(['attach', run])];
  const leaving = vtcode.start(['attach', run]);
  const left = new Promise((resolve) => leaving.on('close', resolve));
  await new Promise((resolve) => leaving.stderr?.once('data', resolve));
  leaving.kill('SIGINT');
  assert.equal(await left, 0, 'Ctrl+C only stops looking');
  held.let();
  const [logs, attached] = await Promise.all(following);
  assert.match(logs!.stdout, /vtcode pause: is to pause\n[\s\S]*vtcode resume: goes on\n[\s\S]*done: Looked\.\n$/);
  assert.deepEqual({ code: attached!.code, out: attached!.stdout }, { code: 0, out: 'Looked.\n' });
  assert.equal(typesIn(run).filter((type) => type === 'host.started').length, 2);
});

test('attach at a terminal shows the words as they come, without secrets, and the whole answer to who comes late', {
  skip: spawnSync('script', ['--version']).status === 0 ? false : 'script (util-linux) is not here',
}, async () => {
  const looking = Promise.withResolvers<void>();
  server.answerWith(async () => {
    await looking.promise;
    return { answer: { text: 'ghp_16C7e42F292c6912E7710c838347Ae178B4a is half. The rest.' }, eventDelayMs: 400 };
  });
  const run = await start();
  await untilLogged(vtcode, run, isGranted);
  const terminal = async () => {
    const child = spawn('script', ['-qec', `'${launcher}' attach ${run}`, '/dev/null'], { env: vtcode.environment });
    let shown = '';
    let live = false;
    setTimeout(looking.resolve, 2_000); // the host has noticed by then that somebody looks on
    child.stdout.on('data', (piece: Buffer) => {
      shown += piece.toString();
      live ||= shown.includes('half') && !typesIn(run).includes('agent.finished');
    });
    await once(child, 'close');
    return { shown, live };
  };
  const first = await terminal();
  assert.match(first.shown, /‹secret:\w+› is half\. The rest\./);
  assert.equal(first.shown.match(/The rest/g)?.length, 1);
  assert.ok(first.live, 'before the answer was whole');
  assert.match((await terminal()).shown, /‹secret:\w+› is half\. The rest\./);
  assert.equal(existsSync(runPaths(vtcode.state, run).said), false);
});

test('a deadline ends a run as a limit does, and nobody starts it again', async () => {
  const held = hold();
  const run = await start('--deadline', '1s');
  const waited = await vtcode.call(['wait', run]);
  held.let();
  assert.deepEqual({ code: waited.code, state: await stateOf(run) }, { code: 4, state: 'at a limit' }, waited.stderr);
  assert.match(waited.stdout, /its time is over/);
});

test('hosts that died too often are given up, until a person wants the run again', async () => {
  const held = hold();
  const run = await start();
  await held.asked;
  await vtcode.call(['stop', '--now', run]);
  held.let();
  const log = openRunLog(runPaths(vtcode.state, run).log, run);
  log.own();
  const host = { type: 'host.started' as const, epoch: 9, process: '1', family: 'f'.repeat(32), program: 'vtcode' };
  const deaths: EventBody[] = [
    { type: 'run.intended', intent: 'run', by: 'test' },
    ...Array.from({ length: 6 }, () => host),
  ];
  log.append(deaths, { at: new Date().toISOString(), durable: true });
  log.close();
  const waited = await vtcode.call(['wait', run]);
  assert.deepEqual({ code: waited.code, state: await stateOf(run) }, { code: 1, state: 'gave up' });
  server.answerWith(() => ({ answer: { text: 'At last.' } }));
  await vtcode.call(['resume', run]);
  assert.equal((await vtcode.call(['wait', run])).stdout, `${run}  DONE: At last.\n`);
});

test('wrong words say what is wrong: unknown ids and agents, ended runs, two of one name, roles and amounts', async () => {
  server.answerWith(() => ({ answer: { text: 'Done.' } }));
  const [one, two] = [await start('--name', 'twin'), await start('--name', 'twin')];
  assert.equal((await vtcode.call(['wait', one, two])).code, 0);
  const wrong = `${one.slice(0, -1)}${one.endsWith('2') ? '3' : '2'}`;
  const refused = (args: string[], code: string, ...says: RegExp[]) =>
    assertRefused(vtcode, args, { exitCode: 2, code, says });
  for (const words of 'wait result say:x stop pause resume restart attach logs approve deny'.split(' ')) {
    const [command = '', ...more] = words.split(':');
    await refused([command, wrong, ...more], 'run_unknown', new RegExp(`Did you mean ${one}\\?`));
  }
  await refused(['wait', 'twinn'], 'run_unknown', /Did you mean twin\?/);
  await refused(['result', 'twin'], 'usage', new RegExp(`2 runs are called 'twin': .*${one}`), /by its id/);
  await refused(['say', one, 'x'], 'usage', /has ended \(done\): no agent would hear it/, /vtcode result/);
  await refused(['result', `${one}/agnt`], 'usage', new RegExp(`Did you mean ${one}/agent\\?`));
  const stopped = await vtcode.call(['stop', one]);
  assert.deepEqual(
    { code: stopped.code, out: stopped.stdout },
    { code: 0, out: `No host works on ${one}: it is done.\n` },
  );
  const agent = (...args: string[]) => ['agent', 'start', ...args, '-C', folder];
  await refused(agent('explorr', 'x'), 'usage', /no role 'explorr'/, /Did you mean explorer\?/);
  await refused(agent('planner', 'x'), 'usage', /no role 'planner' for an agent/);
  await refused(agent('coder', ' '), 'usage', /The prompt is missing/);
  await refused(agent('coder', 'x', '--name', 'run_a'), 'usage', /cannot be the name/);
  await refused(agent('coder', 'x', '--usd', 'two'), 'usage', /no amount of dollars/);
  await refused(agent('coder', 'x', '--deadline', 'soon'), 'usage', /no time span/);
  await refused(agent('coder', 'x', '--worktree', '--read-only'), 'usage', /needs no work tree/);
  await refused(
    ['run', '--plan', sampleGoal, '--detach', '--save-plan', join(folder, 'p')],
    'usage',
    /Leave out --detach/,
  );
});

test('a state folder that is none is told, by every command that lists', async () => {
  const broken = vtcodeHere();
  mkdirSync(broken.state, { recursive: true });
  writeFileSync(join(broken.state, 'runs'), 'a file');
  for (const args of [['ps'], ['list', '--all'], ['wait', 'x']]) {
    const called = await broken.call(args);
    assert.deepEqual({ args, code: called.code }, { args, code: 2 });
    assert.match(called.stderr, /The state folder .*runs cannot be read \(ENOTDIR/);
    assert.match(called.stderr, /XDG_STATE_HOME/);
  }
  rmSync(join(broken.state, '..'), { recursive: true, force: true });
});

/** Somebody who owns nothing here; null where we may not be one, or where they may not read the program. */
function plainUser(): { uid: number; gid: number } | null {
  const nobody = { uid: 65_534, gid: 65_534 };
  const { status } = spawnSync(launcher, ['--version'], { ...nobody, env: vtcode.environment });
  return process.getuid?.() === 0 && status === 0 ? nobody : null;
}

test('a state folder, or one run in it, that may not be read or written is told; the others are listed all the same', async (t) => {
  const user = plainUser();
  if (!user) return t.skip('only root can become somebody else, who must be able to read the program');
  const home = temporaryFolder('theirs');
  const call = (...args: string[]) => {
    const env = { PATH: process.env.PATH, HOME: home, XDG_STATE_HOME: home, XDG_CONFIG_HOME: home };
    const called = spawnSync(launcher, args, { ...user, env, encoding: 'utf8' });
    assert.doesNotMatch(called.stderr, /mistake in vtcode/);
    return { code: called.status, out: called.stdout, said: called.stderr };
  };
  for (const path of [home, folder]) chownSync(path, user.uid, user.gid);
  for (const name of ['one', 'two']) assert.equal(call('run', `rename ${name} to b`, '--json', '-C', folder).code, 2);
  const runs = join(home, 'vtcode', 'runs');
  const [hidden = '', other = ''] = readdirSync(runs);
  const log = join(runs, hidden, 'log.db');
  chmodSync(log, 0o000);
  const listed = call('ps', '-a');
  assert.deepEqual({ code: listed.code, shown: listed.out.includes(other) }, { code: 0, shown: true }, listed.said);
  assert.match(listed.said, new RegExp(`${hidden}.*cannot be`));
  const shown = call('result', hidden);
  assert.equal(shown.code, 2);
  assert.match(shown.said, /cannot be written or opened[\s\S]*permissions/);
  chmodSync(log, 0o600);
  const before = readFileSync(log);
  chmodSync(runs, 0o555);
  const started = call('run', 'rename a to b', '-C', folder);
  assert.equal(started.code, 2);
  assert.match(started.said, /state folder .* cannot be written \(EACCES[\s\S]*permissions/);
  assert.equal(call('result', hidden).code, 2, 'the runs that are there can still be read: this one had failed');
  chmodSync(runs, 0o000);
  for (const args of [['ps'], ['wait', hidden], ['approvals'], ['run', 'rename a to b', '-C', folder]]) {
    const refused = call(...args);
    assert.equal(refused.code, 2, `${args[0]}: ${refused.out}`);
    assert.match(refused.said, /cannot be (read|written) \(EACCES[\s\S]*permissions/);
  }
  chmodSync(runs, 0o700);
  assert.deepEqual(readFileSync(log), before);
});
