import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { type Reply, startModelServer } from '../support/model-server.ts';
import { eventually } from '../support/processes.ts';
import { temporaryFolder } from '../support/repository.ts';
import { messagesOf, textOf, useModel } from '../support/scripted-run.ts';
import { launcher, testVtcode } from '../support/vtcode.ts';

/** Goal: at a terminal a person is shown exactly what is asked for, and answers there. Method: a real terminal by tmux. */
const skip = spawnSync('tmux', ['-V']).status === 0 ? false : 'tmux is not installed';
const server = await startModelServer(() => ({ answer: { text: 'Hello.' } }));
after(() => server.stop());

type Turn = NonNullable<Reply['answer']>;
const wants = (command: string): Turn => ({ calls: [{ name: 'run_command', arguments: { command } }] });

function terminal(t: TestContext, ...all: Turn[]) {
  const vtcode = testVtcode();
  useModel(vtcode, server);
  server.answerWith((request) => {
    const messages = messagesOf(request);
    const said = messages.filter(({ role }) => role === 'assistant').length;
    return { answer: all[said] ?? { text: `Heard: ${textOf(messages.at(-1))}` } };
  });
  const path = temporaryFolder('terminal');
  writeFileSync(join(path, 'note.sh'), '#!/bin/sh\necho noted >> notes\n');
  chmodSync(join(path, 'note.sh'), 0o755);
  const tmux = (...words: string[]) => spawnSync('tmux', ['-S', join(path, 'socket'), ...words], { encoding: 'utf8' });
  t.after(() => {
    tmux('kill-server');
    for (const one of [path, join(vtcode.state, '..')]) rmSync(one, { recursive: true, force: true });
  });
  const variables = Object.entries(vtcode.environment).map(([name, value]) => `${name}='${value}'`);
  tmux('-f', '/dev/null', 'new-session', '-d', '-x', '180', '-y', '60', 'sh');
  tmux('send-keys', '-l', `env ${variables.join(' ')} '${launcher}' run 'do it' -C '${path}'; echo "ended $?"`);
  tmux('send-keys', 'Enter');
  const screen = () => tmux('capture-pane', '-p', '-S', '-200').stdout;
  return {
    ...{ vtcode, screen },
    type: (...keys: string[]) => void tmux('send-keys', ...keys),
    until: async (words: RegExp) => assert.ok(await eventually(() => words.test(screen()), 20_000), screen()),
    notes: () =>
      existsSync(join(path, 'notes')) ? readFileSync(join(path, 'notes'), 'utf8').split('\n').length - 1 : 0,
  };
}

test('yes once, no, and always: each does what the line says, and always is asked nowhere again', {
  skip,
}, async (t) => {
  const { screen, type, until, notes, vtcode } = terminal(
    t,
    wants('./note.sh one'),
    wants('./note.sh two'),
    wants('./note.sh three'),
    wants('./note.sh three'),
  );
  await until(/asks to run, in [^\n]*:\s+\.\/note\.sh one[\s\S]*\[y\]es once/);
  assert.match(screen(), /why it is asked: [^\n]+/);
  type('y', 'Enter');
  await until(/\.\/note\.sh two[\s\S]*\[y\]es once[^\n]*\n?[^\n]*later/);
  assert.equal(notes(), 1);
  type('n', 'Enter');
  await until(/note\.sh three[\s\S]*\[a\]lways \(\.\/note\.sh three \$\)/);
  type('a', 'Enter');
  await until(/ended \d/);
  assert.match(screen(), /ended 0/);
  assert.equal(notes(), 3);
  const kept = join(vtcode.environment.XDG_CONFIG_HOME ?? '', 'vtcode', 'approved.toml');
  assert.match(readFileSync(kept, 'utf8'), /allow = \[ "\.\/note\.sh three \$" \]/);
  assert.match(screen(), /kept in [^\n]*approved\.toml/);
});

test('a question that is answered from elsewhere is taken back; Ctrl+C leaves a run that still waits', {
  skip,
}, async (t) => {
  const first = terminal(t, wants('./note.sh one'), wants('./note.sh two'));
  await first.until(/\[y\]es once/);
  const { approvals } = JSON.parse((await first.vtcode.call(['approvals', '--json'])).stdout) as {
    approvals: { approval: string; run: string }[];
  };
  await first.vtcode.call(['deny', approvals[0]?.approval ?? '']);
  await first.until(/denied by vtcode deny[\s\S]*note\.sh two/);
  assert.equal(first.notes(), 0);
  first.type('C-c');
  await first.until(/ended 130/);
  const still = JSON.parse((await first.vtcode.call(['approvals', '--json'])).stdout) as {
    approvals: { exact: { command: string } }[];
  };
  assert.deepEqual(
    still.approvals.map(({ exact }) => exact.command),
    ['./note.sh two'],
  );
});
