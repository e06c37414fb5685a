import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { eventsOf } from '../support/called.ts';
import { startModelServer } from '../support/model-server.ts';
import { temporaryFolder } from '../support/repository.ts';
import { messagesOf, textOf, useModel } from '../support/scripted-run.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

/**
 * Goal: a refused agent gets the reason and, in a second line, what to do instead; the person gets the same reason.
 * Method: the real program against a scripted model that makes one call after the other.
 */
const vtcode = vtcodeHere();
const server = await startModelServer(() => ({ answer: { text: 'Hello.' } }));
useModel(vtcode, server);
after(() => server.stop());

const run = (command: string) => ({ name: 'run_command', arguments: { command } });
const calls: [call: { name: string; arguments: unknown }, reason: RegExp, step: RegExp][] = [
  [{ name: 'read_file', arguments: { path: '/home/of/others/src/a.js' } }, /outside the work tree/, /^Use src\/a\.js,/],
  [run('cat /root/other/notes.txt'), /outside the work tree/, /^Work with paths inside/],
  [run('curl https://example.org'), /another machine/, /^Commands have no network/],
  [run('git push'), /policy\.commands\.deny: git push/, /^The person wants to decide/],
  [run('npm install left-pad'), /needs the npm registry/, /^Commands have no network/],
  [
    { name: 'write_file', arguments: { path: '.git/hooks/x', content: '' } },
    /\.git is never written/,
    /git status, diff/,
  ],
  [{ name: 'read_file', arguments: { path: '.env' } }, /holds keys/, /example file/],
];

test('each refusal is two lines: the reason, and what to do instead', async () => {
  const path = temporaryFolder('refusals');
  mkdirSync(join(path, 'src'));
  writeFileSync(join(path, 'src', 'a.js'), 'let a;\n');
  writeFileSync(join(path, '.env'), 'KEY=x\n');
  server.answerWith((request) => {
    const said = messagesOf(request).filter(({ role }) => role === 'assistant').length;
    const call = calls[said]?.[0];
    return { answer: call ? { calls: [call] } : { text: 'Well.' } };
  });
  const called = await vtcode.call(['run', 'try it', '--auto', '--json', '-C', path]);
  const results = messagesOf(server.requests.at(-1)!)
    .filter(({ role }) => role === 'tool')
    .map(textOf);
  const ended = eventsOf(called).filter(({ type }) => type === 'tool.finished') as { rule: string }[];
  for (const [at, [, reason, step]] of calls.entries()) {
    const [first, second, ...rest] = (results[at] ?? '').split('\n');
    assert.match(first ?? '', reason);
    assert.match(second ?? '', step);
    assert.deepEqual(rest, []);
    assert.match(ended[at]?.rule ?? '', reason, 'the record names the same reason');
  }
});
