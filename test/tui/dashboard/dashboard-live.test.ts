import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { hasMark, listProcesses } from '../../../supervisor/process-tree.ts';
import { type Piece, startModelServer } from '../../support/model-server.ts';
import { commandOf, eventually } from '../../support/processes.ts';
import { temporaryFolder } from '../../support/repository.ts';
import { useModel } from '../../support/scripted-run.ts';
import { skip, startAtTerminal } from '../../support/terminal.ts';
import { vtcodeHere } from '../../support/vtcode-here.ts';

/** Goal: who looks at an agent in the background sees what it says while it says it. */
const vtcode = vtcodeHere();
const server = await startModelServer(() => ({ answer: { text: 'never' } }));
useModel(vtcode, server);
after(() => server.stop());

/** An answer whose words come at once, and whose end never comes. */
const speaks = () => ({
  answer: { text: `Begun with these words. ${'More words come. '.repeat(40)}` },
  pieces: (events: string[]): Piece[] => [...events.slice(0, -3), 'hang'],
});

test('who comes in the middle of an answer sees it from its beginning, and each new one', { skip }, async (t) => {
  server.answerWith(speaks);
  const called = await vtcode.call(['agent', 'start', 'general', 'speak', '-C', temporaryFolder('live')]);
  assert.equal(called.code, 0, called.stderr);
  const run = called.stdout.trim();
  t.after(() => vtcode.call(['stop', run, '--now']));
  assert.ok(await eventually(() => server.requests.length === 1, 15_000));
  const place = { environment: vtcode.environment, width: 160, height: 40 };
  const dashboard = startAtTerminal(t, ['dashboard'], place);
  await dashboard.sees(/NOW[\s\S]*Begun with these/);
  // Another one that looks on, when its host knows already that somebody does.
  const attached = startAtTerminal(t, ['attach', run], place);
  await attached.sees(/Begun with these words/);
  // The same words come again from another host, and stand there once.
  await vtcode.call(['restart', run, '--now']);
  assert.ok(await eventually(() => server.requests.length === 2, 15_000));
  await dashboard.sees(/starts again \(2\)/);
  // One look at the screen: between two it may have been painted anew.
  const isOnce = () => {
    const screen = dashboard.screen();
    return /NOW[\s\S]*Begun with these/.test(screen) && screen.split('Begun with these').length === 2;
  };
  assert.ok(await eventually(isOnce, 15_000), dashboard.screen());
  const log = await vtcode.call(['logs', run]);
  assert.doesNotMatch(log.stdout, /Begun with/);
});

test('words of an agent at another terminal are shown as well', { skip }, async (t) => {
  server.answerWith(speaks);
  const vtcode = vtcodeHere(); // with no other run to choose
  useModel(vtcode, server);
  const place = { environment: vtcode.environment, width: 160, height: 40 };
  startAtTerminal(t, ['run', 'speak', '-C', temporaryFolder('live')], place);
  const dashboard = startAtTerminal(t, ['dashboard'], place);
  await dashboard.sees(/NOW[\s\S]*Begun with these/);
});

test('ten of them at once change nothing of what they look at, killed or not', { skip }, async (t) => {
  server.answerWith(() => ({ answer: { text: 'Done at once.' } }));
  const path = temporaryFolder('live');
  const called = await vtcode.call(['run', 'speak', '-C', path]);
  const run = /(run_\w+) {2}DONE/.exec(called.stderr)?.[1] ?? assert.fail(called.stderr);
  // What is still to be gone on with, and nobody works on.
  const talked = await vtcode.call(['chat', '-C', path], { input: 'hello\n' });
  const chat = /Left (run_\w+)/.exec(talked.stdout)?.[1] ?? assert.fail(talked.stdout);
  const seen = async () => {
    const events = await Promise.all([run, chat].map((one) => vtcode.call(['log', one, '--json'])));
    return [events.map(({ stdout }) => stdout.split('\n').slice(0, -2)), readdirSync(path)];
  };
  const before = await seen();
  const terminals = Array.from({ length: 10 }, () =>
    startAtTerminal(t, ['dashboard', '-a'], { environment: vtcode.environment, width: 100, height: 24 }),
  );
  for (const terminal of terminals) await terminal.sees(new RegExp(chat));
  const home = join(vtcode.state, '..');
  const own = listProcesses().filter(
    ({ pid, state }) => state !== 'Z' && hasMark(pid, 'XDG_STATE_HOME', home) && /dashboard -a$/.test(commandOf(pid)),
  );
  assert.ok(own.length >= 10, `${own.length}`);
  for (const { pid } of own) process.kill(pid, 'SIGKILL');
  for (const terminal of terminals) await terminal.sees(/ended 137/);
  assert.deepEqual(await seen(), before);
  assert.equal((await vtcode.call(['audit', 'verify', run])).code, 0);
});
