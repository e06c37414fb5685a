import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runsIn } from '../../support/called.ts';
import { detach, endState, eventsIn, pidOf, untilLogged } from '../../support/detached.ts';
import { startModelServer } from '../../support/model-server.ts';
import { eventually } from '../../support/processes.ts';
import { temporaryFolder } from '../../support/repository.ts';
import { sampleGoal, sampleRepository } from '../../support/sample.ts';
import { messagesOf, textOf, useModel } from '../../support/scripted-run.ts';
import { skip, startAtTerminal, type Terminal } from '../../support/terminal.ts';
import { vtcodeHere } from '../../support/vtcode-here.ts';

/**
 * Goal: what a key orders is done, by the host, and said; and the dashboard's end changes nothing.
 * Method: the real program in a real terminal over real runs with a scripted model.
 */
const vtcode = vtcodeHere();
let held: Promise<void> | null = null;
const server = await startModelServer(async (request) => {
  const messages = messagesOf(request);
  const said = messages.filter(({ role }) => role === 'assistant').length;
  if (held) await held;
  if (textOf(messages.find(({ role }) => role === 'user')).includes('ask twice') && said < 2)
    return {
      answer: {
        calls: [{ name: 'run_command', arguments: { command: `./note.sh ${said === 0 ? 'first' : 'second'}` } }],
      },
    };
  return { answer: { text: `Heard: ${textOf(messages.at(-1))}` } };
});
useModel(vtcode, server);
after(async () => {
  await server.stop();
  await endState(vtcode);
});

const folder = temporaryFolder('orders');
writeFileSync(join(folder, 'note.sh'), '#!/bin/sh\necho "$1" >> notes\n');
chmodSync(join(folder, 'note.sh'), 0o755);
const notes = () => (existsSync(join(folder, 'notes')) ? readFileSync(join(folder, 'notes'), 'utf8') : '');
after(() => rmSync(folder, { recursive: true, force: true }));

/** Holds the model's answers back until the function that it answers is called. */
function hold(): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  held = promise;
  return () => {
    held = null;
    resolve();
  };
}

const dashboard = (t: { after(end: () => void): void }, environment = vtcode.environment): Terminal =>
  startAtTerminal(t, ['dashboard'], { environment, width: 180, height: 40 });

async function leave(terminal: Terminal): Promise<void> {
  terminal.press('q');
  await terminal.sees(/ended 0/);
}

test('a call that waits is shown exactly, allowed with y and a scope, and denied with d and a reason', {
  skip,
}, async (t) => {
  const run = await detach(vtcode, ['run', 'ask twice', '--ask', '--detach', '-C', folder]);
  const asked = await untilLogged(vtcode, run, ({ type }) => type === 'approval.requested');
  assert.ok(asked.type === 'approval.requested');
  const terminal = dashboard(t);
  await terminal.sees(/waiting for you: /);
  terminal.press('w');
  await terminal.sees(new RegExp(`WAITS FOR YOU {2}${asked.approval}[\\s\\S]*\\./note\\.sh first`));
  terminal.press('y');
  await terminal.sees(/o once, t for this task, r for this run/);
  terminal.press('x');
  await terminal.sees(/Nothing was answered/);
  assert.equal(notes(), '');
  terminal.press('y');
  await terminal.sees(/o once, t for this task/);
  terminal.press('o');
  await terminal.sees(/Allowed \(once\): \.\/note\.sh first/);
  await terminal.sees(/WAITS FOR YOU[\s\S]*\.\/note\.sh second/);
  terminal.press('d');
  await terminal.sees(/Deny \w+\. Why/);
  terminal.type('not that one');
  terminal.press('Enter');
  await terminal.sees(/Denied: \.\/note\.sh second/);
  const answer = await untilLogged(
    vtcode,
    run,
    (event) => event.type === 'approval.answered' && event.answer === 'deny',
  );
  assert.ok(answer.type === 'approval.answered' && answer.reason === 'not that one');
  await untilLogged(vtcode, run, ({ type }) => type === 'run.finished');
  await terminal.sees(/done/);
  assert.equal(notes(), 'first\n');
  assert.match(terminal.raw(), /\x07/, 'the bell rang when something began to wait');
  await leave(terminal);
});

test('say, pause, resume, restart, stop and stop at once reach the host', { skip }, async (t) => {
  const release = hold();
  const run = await detach(vtcode, ['run', 'work on', '--detach', '--name', 'worker', '-C', folder]);
  await untilLogged(vtcode, run, ({ type }) => type === 'model.granted');
  const terminal = dashboard(t);
  await terminal.sees(/worker {2}work on/);
  terminal.press('/');
  terminal.type('worker');
  terminal.press('Enter', 'G');
  await terminal.sees(new RegExp(`│ ${run}`));
  terminal.press('m');
  terminal.type('use tabs, quietly');
  terminal.press('Enter');
  await terminal.sees(/Told agent of run_/);
  const told = await untilLogged(vtcode, run, ({ type }) => type === 'agent.told');
  assert.ok(told.type === 'agent.told' && told.text === 'use tabs, quietly');
  terminal.press('R');
  await terminal.sees(/Restart the host/);
  terminal.press('n');
  await terminal.sees(/Nothing was done/);
  terminal.press('K');
  await terminal.sees(/at once\?/);
  terminal.press('y');
  await terminal.sees(/Stopped run_/);
  await terminal.sees(/stopped/);
  assert.equal(pidOf(vtcode, 'host', run), 0);
  terminal.press('r');
  await terminal.sees(/goes on in the background/);
  await untilLogged(vtcode, run, (event) => event.type === 'model.granted' && event.seq > told.seq + 3);
  terminal.press('R');
  await terminal.sees(/Restart the host/);
  terminal.press('y');
  await untilLogged(vtcode, run, (event) => event.type === 'run.intended' && event.intent === 'paused');
  // The call that is under way may finish first.
  release();
  await untilLogged(vtcode, run, ({ type }) => type === 'run.finished');
  await terminal.sees(/done/);
  await leave(terminal);
  const intents = eventsIn(vtcode, run).flatMap((event) => (event.type === 'run.intended' ? [event.intent] : []));
  assert.deepEqual(intents.slice(0, 3), ['stopped', 'run', 'paused']);
});

test('a task is undone, and its diff opens in the pager', {
  skip,
}, async (t) => {
  const repository = sampleRepository();
  t.after(() => repository.remove());
  const own = vtcodeHere(); // its model is the embedded one, which renames
  t.after(() => rmSync(join(own.state, '..'), { recursive: true, force: true }));
  const worked = await own.call(['run', '--plan', sampleGoal, '--yes', '-C', repository.root]);
  assert.equal(worked.code, 0, worked.stderr);
  const pager = join(own.state, '..', 'pager.sh');
  writeFileSync(pager, '#!/bin/sh\ncat "$1"\necho "IN THE PAGER"\nread answer\n');
  chmodSync(pager, 0o755);
  const terminal = dashboard(t, { ...own.environment, PAGER: pager });
  await terminal.sees(/merged/);
  terminal.press('/');
  terminal.type('merged');
  terminal.press('Enter', 'G');
  await terminal.sees(/│ run_\w+\/\w+/);
  terminal.press('o');
  await terminal.sees(/\+.*loadUser[\s\S]*IN THE PAGER/);
  terminal.press('Enter');
  await terminal.sees(/\? keys/);
  terminal.press('u');
  await terminal.sees(/out of the branch/);
  terminal.press('y');
  await terminal.sees(/Undone: /);
  terminal.press('Escape');
  await terminal.sees(/undone/);
  await leave(terminal);
});

test('a run without --detach is not worked on here, but its plan can be declined', { skip }, async (t) => {
  const repository = sampleRepository();
  const own = vtcodeHere();
  t.after(() => {
    repository.remove();
    rmSync(join(own.state, '..'), { recursive: true, force: true });
  });
  const waiting = await own.call(['run', '--plan', sampleGoal, '-C', repository.root]);
  assert.equal(waiting.code, 3, waiting.stderr);
  const terminal = dashboard(t, own.environment);
  await terminal.sees(/The plan waits for you: y accepts it, d declines it/);
  terminal.press('y');
  await terminal.sees(/Accept the plan of run_/);
  terminal.press('y');
  await terminal.sees(/was started without --detach: this screen cannot work on it\. .*vtcode approve run_/);
  terminal.press('r');
  await terminal.sees(/vtcode resume run_/);
  terminal.press('d');
  await terminal.sees(/Decline the plan of run_/);
  terminal.press('y');
  await terminal.sees(/declined/);
  await leave(terminal);
  assert.equal(
    runsIn(own)
      .flatMap((run) => eventsIn(own, run))
      .at(-1)?.type,
    'run.finished',
  );
});

test('a dashboard that is killed changes nothing, and ten at once show the same', { skip }, async (t) => {
  const release = hold();
  const run = await detach(vtcode, ['run', 'go on', '--detach', '-C', folder]);
  await untilLogged(vtcode, run, ({ type }) => type === 'model.granted');
  const host = pidOf(vtcode, 'host', run);
  const before = eventsIn(vtcode, run).length;
  const all = Array.from({ length: 10 }, () => dashboard(t));
  for (const terminal of all) await terminal.sees(new RegExp(`${run}.*working`));
  for (let at = 0; at < 5; at += 1) {
    const pid = pidOf(vtcode, 'dashboard');
    process.kill(pid, 'SIGKILL');
    assert.ok(await eventually(() => pidOf(vtcode, 'dashboard') !== pid, 15_000));
  }
  assert.equal(pidOf(vtcode, 'host', run), host);
  const since = eventsIn(vtcode, run).slice(before);
  assert.deepEqual(
    since.filter(({ type }) => /^(host|run|agent)\./.test(type)),
    [],
  );
  release();
  await untilLogged(vtcode, run, ({ type }) => type === 'run.finished');
});
