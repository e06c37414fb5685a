// Goal: a command that was judged to only look cannot change the work tree, even where the judge was wrong; what writes
// still writes, and both see the same files and the same temporary folder.
// Method: the real program; the policy calls a writing program harmless by a rule, and looking programs try to write.

import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startModelServer } from '../support/model-server.ts';
import { temporaryFolder } from '../support/repository.ts';
import { messagesOf, textOf, useModel } from '../support/scripted-run.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

const vtcode = vtcodeHere();
const server = await startModelServer(() => ({ answer: { text: 'Hello.' } }));
useModel(vtcode, server);
after(() => server.stop());

/** Runs lines one after the other in a folder, and gives their results. */
async function results(path: string, lines: string[]): Promise<string[]> {
  server.answerWith((request) => {
    const said = messagesOf(request).filter(({ role }) => role === 'assistant').length;
    const command = lines[said];
    return { answer: command ? { calls: [{ name: 'run_command', arguments: { command } }] } : { text: 'Done.' } };
  });
  const called = await vtcode.call(['run', 'look', '--auto', '-C', path]);
  assert.equal(called.code, 0, called.stderr);
  return messagesOf(server.requests.at(-1)!)
    .filter(({ role }) => role === 'tool')
    .map(textOf);
}

test('a program that is known to only look finds the work tree read-only, whatever it really does', {
  skip: process.platform !== 'linux',
}, async () => {
  const path = temporaryFolder('looking');
  writeFileSync(join(path, 'a.txt'), 'as it was\n');
  // A program of the name `cat`, first on the path, that writes: the judge knows the name only.
  mkdirSync(join(path, 'bin'));
  writeFileSync(join(path, 'bin/cat'), '#!/bin/sh\necho changed > a.txt\necho x > new.txt\n/bin/cat "$@"\n');
  chmodSync(join(path, 'bin/cat'), 0o755);
  const saved = vtcode.environment.PATH;
  vtcode.environment.PATH = `${join(path, 'bin')}:${saved}`;
  const [looked] = await results(path, ['cat a.txt']);
  vtcode.environment.PATH = saved;
  assert.match(looked ?? '', /Read-only file system|Permission denied/);
  assert.match(looked ?? '', /as it was/);
  assert.equal(readFileSync(join(path, 'a.txt'), 'utf8'), 'as it was\n');
  assert.ok(!existsSync(join(path, 'new.txt')));
});

test('looking and writing commands see the same files and the same temporary folder', async () => {
  const path = temporaryFolder('looking');
  writeFileSync(join(path, 'a.txt'), 'one\n');
  const [, , seen, temporary] = await results(path, [
    'cat a.txt',
    'echo two >> a.txt && echo kept > /tmp/vtcode-looking.txt',
    'cat a.txt',
    'cat /tmp/vtcode-looking.txt',
  ]);
  assert.match(seen ?? '', /one\ntwo/);
  assert.match(temporary ?? '', /kept/);
});
