// Goal: files with keys and files that instruct are guarded from the next command on when a command has made or replaced
// them; tests and builds do not see keys that no commit holds. Method: the real program, and scripts that the gate cannot read.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startModelServer } from '../support/model-server.ts';
import { makeRepository, temporaryFolder } from '../support/repository.ts';
import { messagesOf, textOf, useModel } from '../support/scripted-run.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

const vtcode = vtcodeHere();
const server = await startModelServer(() => ({ answer: { text: 'Hello.' } }));
useModel(vtcode, server);
after(() => server.stop());
const skip = process.platform !== 'linux';

/** Runs lines one after the other in a folder, and gives their results. `between` is done before each. */
async function results(path: string, lines: string[], between: (at: number) => void = () => {}): Promise<string[]> {
  server.answerWith((request) => {
    const said = messagesOf(request).filter(({ role }) => role === 'assistant').length;
    const command = lines[said];
    between(said);
    return { answer: command ? { calls: [{ name: 'run_command', arguments: { command } }] } : { text: 'Done.' } };
  });
  const called = await vtcode.call(['run', 'work', '--auto', '-C', path]);
  assert.equal(called.code, 0, called.stderr + called.stdout);
  return messagesOf(server.requests.at(-1)!)
    .filter(({ role }) => role === 'tool')
    .map(textOf);
}

test('a test sees keys that are committed, and none that are not', { skip }, async () => {
  const { root, git } = makeRepository({
    'test.js':
      "for (const f of ['fixture.pem', '.env', 'sub/.env.local']) console.log(require('fs').readFileSync(f, 'utf8'))",
    'fixture.pem': 'committed\n',
    '.gitignore': '.env*\n',
  });
  writeFileSync(join(root, '.env'), 'PLAIN=canary\n');
  mkdirSync(join(root, 'sub'));
  writeFileSync(join(root, 'sub/.env.local'), 'canary\n');
  const [tested] = await results(root, ['node test.js']);
  assert.match(tested ?? '', /committed/);
  assert.match(tested ?? '', /this file is hidden from this command/);
  assert.doesNotMatch(tested ?? '', /canary/);
  assert.equal(git('status', '--porcelain'), '');
});

test('what a command makes under a guarded name is guarded from the next one on', { skip }, async () => {
  const path = temporaryFolder('made');
  const script = (name: string, text: string) => writeFileSync(join(path, name), text);
  script('make.sh', 'mkdir .vscode && echo one > .vscode/tasks.json && echo canary > .env && echo made\n');
  script('read.sh', 'cat .env; echo two > .vscode/tasks.json; echo two > .env; mv .vscode other\n');
  const [made, read, again] = await results(path, ['sh make.sh', 'sh read.sh', 'sh read.sh'], (at) => {
    // A person's editor puts a new file in the place of the old one: that is hidden as well.
    if (at === 2) writeFileSync(join(path, '.env.new'), 'canary again\n');
  });
  assert.match(made ?? '', /made/);
  for (const text of [read, again]) {
    assert.match(text ?? '', /hidden from this command/);
    assert.doesNotMatch(text ?? '', /canary/);
  }
  assert.equal(readFileSync(join(path, '.vscode/tasks.json'), 'utf8'), 'one\n');
  assert.equal(readFileSync(join(path, '.env'), 'utf8'), 'canary\n');
});

test('a file with keys that a person replaces meanwhile stays hidden', { skip }, async () => {
  const path = temporaryFolder('made');
  writeFileSync(join(path, '.env'), 'canary\n');
  writeFileSync(join(path, 'read.sh'), 'cat .env\n');
  const { renameSync } = await import('node:fs');
  const read = await results(path, ['sh read.sh', 'sh read.sh', 'cat read.sh'], (at) => {
    if (at !== 1) return;
    writeFileSync(join(path, 'new'), 'another canary\n');
    renameSync(join(path, 'new'), join(path, '.env'));
  });
  assert.equal(readFileSync(join(path, '.env'), 'utf8'), 'another canary\n');
  for (const text of read.slice(0, 2)) assert.match(text, /hidden from this command/);
  assert.doesNotMatch(read.join(), /canary/);
});

test('a folder above a file that instructs cannot be moved away with it', { skip }, async () => {
  const path = temporaryFolder('made');
  mkdirSync(join(path, 'docs/area'), { recursive: true });
  writeFileSync(join(path, 'docs/area/AGENTS.md'), 'Be kind.\n');
  writeFileSync(join(path, 'docs/area/page.md'), 'a page\n');
  writeFileSync(join(path, 'away.sh'), 'mv docs/area/page.md page.md; mv docs d2; mv docs/area a2\n');
  await results(path, ['sh away.sh']);
  assert.ok(existsSync(join(path, 'docs/area/AGENTS.md')));
  // Files beside it may be moved as ever.
  assert.equal(readFileSync(join(path, 'page.md'), 'utf8'), 'a page\n');
});
