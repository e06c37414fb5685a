import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startModelServer } from '../support/model-server.ts';
import { eventually } from '../support/processes.ts';
import { temporaryFolder } from '../support/repository.ts';
import { useModel } from '../support/scripted-run.ts';
import { skip, startAtTerminal } from '../support/terminal.ts';
import { testVtcode } from '../support/vtcode.ts';

/** Goal: who looks at an agent in the background sees what it says while it says it. */
const vtcode = testVtcode();
const server = await startModelServer(() => ({ answer: { text: 'never' } }));
useModel(vtcode, server);
after(() => server.stop());

test('words of an agent in the background are shown before its answer is whole', { skip }, async (t) => {
  let lastWord = false;
  server.answerWith(() => ({
    answer: { text: `Begun with these words. ${'More words come. '.repeat(40)}` },
    pieces: (events) => [...events.slice(0, -3), ...(lastWord ? [] : [{ silenceMs: 60_000 }]), ...events.slice(-3)],
  }));
  const called = await vtcode.call(['agent', 'start', 'general', 'speak', '-C', temporaryFolder('live')]);
  assert.equal(called.code, 0, called.stderr);
  const run = called.stdout.trim();
  t.after(async () => {
    lastWord = true;
    await vtcode.call(['stop', run, '--now']);
  });
  const terminal = startAtTerminal(t, ['dashboard'], { environment: vtcode.environment, width: 160, height: 40 });
  await terminal.sees(new RegExp(run));
  // Its words are written down for others from the moment on at which somebody looks.
  const asked = server.requests.length;
  await vtcode.call(['restart', run, '--now']);
  assert.ok(await eventually(() => server.requests.length > asked, 15_000));
  await terminal.sees(/NOW[\s\S]*Begun with these/);
  const log = await vtcode.call(['logs', run]);
  assert.doesNotMatch(log.stdout, /Begun with/);
});
