import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { type Reply, startModelServer } from '../support/model-server.ts';
import { sampleRepository } from '../support/sample.ts';
import { messagesOf, textOf, useModel } from '../support/scripted-run.ts';
import { launcher } from '../support/vtcode.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

/**
 * Goal: a program that an agent runs in a person's own folder leaves nothing there that the person's next git command obeys,
 * also where the machine has no namespaces. Method: a run whose model writes a script that makes hooks, with and without
 * them (test/run/without-call.ts).
 */
const linux = { skip: process.platform !== 'linux' && 'how .git is kept is told apart on Linux only', timeout: 60_000 };
const vtcode = vtcodeHere();
const server = await startModelServer(() => ({ answer: { text: 'Hello.' } }));
useModel(vtcode, server, 'openai-chat', '', 1_000_000);
after(() => server.stop());

const script = `const fs = require("fs");
for (const place of [".g" + "it/hooks/post-commit", ".g" + "it/config", "left.txt"])
  try { fs.appendFileSync(place, "evil"); console.log("wrote", place); } catch (error) { console.log(error.code, place); }`;
const turns: NonNullable<Reply['answer']>[] = [
  { calls: [{ name: 'write_file', arguments: { path: 'x.cjs', content: script } }] },
  { calls: [{ name: 'run_command', arguments: { command: 'node x.cjs' } }] },
];

for (const [name, without, writes] of [
  ['with namespaces', [], true],
  ['without namespaces', [process.execPath, join(import.meta.dirname, 'without-call.ts'), 'unshare'], false],
] as const)
  test(
    `${name} a command leaves .git of the folder alone${writes ? '' : ', and is told that it only reads'}`,
    linux,
    async (t) => {
      const repository = sampleRepository({});
      t.after(() => repository.remove());
      const config = readFileSync(join(repository.root, '.git', 'config'), 'utf8');
      let said = '';
      server.answerWith((request) => {
        const messages = messagesOf(request);
        said = textOf(messages.at(-1));
        return { answer: turns[messages.filter(({ role }) => role === 'assistant').length] ?? { text: 'Done.' } };
      });
      const [program = '', ...words] = [...without, launcher, 'run', 'make hooks', '--auto', '-C', repository.root];
      const run = spawn(program, words, { env: vtcode.environment, stdio: ['ignore', 'ignore', 'pipe'] });
      const [errors, code] = await Promise.all([
        text(run.stderr),
        new Promise((resolve) => run.once('close', resolve)),
      ]);
      assert.equal(code, 0, errors);
      if (!writes) assert.match(said, /in this folder commands only read/);
      else if (/^E.* left/m.test(said)) return t.skip('this machine has no namespaces');
      assert.equal(readFileSync(join(repository.root, '.git', 'config'), 'utf8'), config, said);
      assert.equal(existsSync(join(repository.root, '.git', 'hooks', 'post-commit')), false, said);
      assert.equal(existsSync(join(repository.root, 'left.txt')), writes, said);
      assert.ok(existsSync(join(repository.root, 'x.cjs')), 'tools write as ever');
    },
  );
