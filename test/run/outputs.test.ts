import assert from 'node:assert/strict';
import { lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { privateFolders } from '../../orchestrator/worktrees/private-home.ts';
import { eventsOf, runsIn } from '../support/called.ts';
import { type Reply, startModelServer } from '../support/model-server.ts';
import { temporaryFolder } from '../support/repository.ts';
import { sampleRepository } from '../support/sample.ts';
import { messagesOf, useModel } from '../support/scripted-run.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

/**
 * Goal: the host, which stands outside the walls, follows nothing that commands leave in folders it looks into afterwards.
 * Method: commands put links, pipes, folders and other files in the place of their own output and of what the host writes
 * itself; a file of the person's with a key in it, which the host would take for one to be redacted, has to stay as it is.
 */
const vtcode = vtcodeHere();
const server = await startModelServer(() => ({ answer: { text: 'Hello.' } }));
useModel(vtcode, server, 'openai-chat', '', 1_000_000);
after(() => server.stop());

const key = '//registry.example/:_authToken=npm_abcdefghijklmnopqrstuvwxyz0123456789\n';

/** Node code that is run with `out`, where the hands keep outputs, `own`, the file of this command's, and `keys`. */
const attacks = {
  link: 'fs.rmSync(own); fs.symlinkSync(keys, own)',
  pipe: 'fs.rmSync(own); require("child_process").execFileSync("mkfifo", [own])',
  folder: 'fs.rmSync(own); fs.mkdirSync(own); fs.symlinkSync(keys, own + "/x")',
  gone: 'fs.rmSync(own)',
  'second name': 'fs.linkSync(own, out + "/second")',
  'log of the host': 'fs.symlinkSync(keys, out + "/host.log"); fs.symlinkSync(keys, out + "/agent-main.log")',
  'another device': 'fs.rmSync(own); fs.symlinkSync("/dev/ze" + "ro", own)',
};

test('what commands put in the place of outputs is not followed by the host', { timeout: 60_000 }, async () => {
  const repository = sampleRepository({});
  after(() => repository.remove());
  const folder = temporaryFolder('person');
  const keys = join(folder, 'npmrc');
  writeFileSync(keys, key, { mode: 0o600 });
  const script = (act: string) => `const fs = require("fs");
    const out = process.env.HOME.replace(/home$/, "out");
    const keys = ${JSON.stringify(keys)};
    const own = out + "/" + fs.readdirSync(out).filter((name) => fs.lstatSync(out + "/" + name).isFile()).at(-1);
    fs.writeFileSync("done-" + process.argv[2], own);
    console.log("${key.trim()}");
    ${act};`;
  const turns: NonNullable<Reply['answer']>[] = Object.entries(attacks).flatMap(([, act], at) => [
    { calls: [{ name: 'write_file', arguments: { path: `x${at}.cjs`, content: script(act) } }] },
    { calls: [{ name: 'run_command', arguments: { command: `node x${at}.cjs ${at}` } }] },
  ]);
  server.answerWith((request) => {
    const said = messagesOf(request).filter(({ role }) => role === 'assistant').length;
    return { answer: turns[said] ?? { text: 'Done.' } };
  });
  const called = await vtcode.call(['run', 'keep outputs', '--auto', '--json', '-C', repository.root]);
  assert.equal(called.code, 0, called.stderr);
  const ended = eventsOf(called).filter(({ type, ran }) => type === 'tool.finished' && ran);
  assert.equal(ended.length, Object.keys(attacks).length);
  const done = readdirSync(repository.root).filter((name) => name.startsWith('done-'));
  assert.equal(done.length, Object.keys(attacks).length, 'every attack was carried out');
  assert.equal(readFileSync(keys, 'utf8'), key);
  assert.deepEqual(readdirSync(folder), ['npmrc']);
  const out = join(vtcode.state, 'runs', runsIn(vtcode)[0] ?? '', 'out');
  const kept = readdirSync(out);
  assert.equal(kept.length, Object.keys(attacks).length, `one file for each command: ${kept}`);
  for (const name of kept) {
    assert.ok(lstatSync(join(out, name)).isFile(), name);
    assert.doesNotMatch(readFileSync(join(out, name), 'utf8'), /npm_abcdef/);
  }
});

test('of the folders that hands write to none lies in another, where its place could be taken by a link', () => {
  const own = Object.values(privateFolders('/state/homes', 't1'));
  for (const one of own)
    for (const other of own) assert.ok(one === other || !`${one}/`.startsWith(`${other}/`), `${one} in ${other}`);
});
