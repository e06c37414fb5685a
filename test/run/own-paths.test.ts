// Goal: with --auto a model that names files as real models do is not held up, and nothing of the person's is lost by it.
// Method: the built commands in this process, a scripted model on loopback, real hands and walls.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { endOf } from '../support/called.ts';
import { type Reply, startModelServer } from '../support/model-server.ts';
import { sampleRepository } from '../support/sample.ts';
import { messagesOf, textOf, useModel } from '../support/scripted-run.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

const vtcode = vtcodeHere();
const server = await startModelServer(() => ({ answer: { text: 'Hello.' } }));
useModel(vtcode, server);
after(() => server.stop());

const folder = () => realpathSync(mkdtempSync(join(tmpdir(), 'vtcode-own-')));
const run = (command: string, more = {}) => ({ calls: [{ name: 'run_command', arguments: { command, ...more } }] });

/** Has the model take these turns; answers what it heard after each, and the call. */
async function turns(place: string, options: string[], ...all: NonNullable<Reply['answer']>[]) {
  server.answerWith((request) => {
    const said = messagesOf(request).filter(({ role }) => role === 'assistant').length;
    return { answer: all[said] ?? { text: 'Done.' } };
  });
  const called = await vtcode.call(['run', 'do it', '-C', place, '--json', ...options]);
  const tools = messagesOf(server.requests.at(-1)!).filter(({ role }) => role === 'tool');
  return { called, heard: tools.map(textOf) };
}

test('absolute paths of the folder, through a link too, are taken by file tools and commands', async () => {
  const place = folder();
  const way = `${place}-way`;
  symlinkSync(place, way);
  mkdirSync(join(place, 'src'));
  writeFileSync(join(place, 'src', 'a.txt'), 'one\n');
  const { heard, called } = await turns(
    place,
    ['--auto'],
    { calls: [{ name: 'read_file', arguments: { path: join(place, 'src', 'a.txt') } }] },
    { calls: [{ name: 'edit_file', arguments: { path: join(way, 'src/a.txt'), old_text: 'one', new_text: 'two' } }] },
    run(`cd ${place}/src && cat a.txt`),
    run(`cat ${way}/src/a.txt`),
    run('cat a.txt', { directory: join(place, 'src') }),
    { calls: [{ name: 'search', arguments: { pattern: 'two', path: place } }] },
  );
  assert.equal(called.code, 0, called.stderr);
  assert.equal(readFileSync(join(place, 'src', 'a.txt'), 'utf8'), 'two\n');
  assert.match(heard[0] ?? '', /one/);
  for (const text of heard.slice(2)) assert.match(text, /two/);
});

test('in a work tree the checkout means the tree, and the agent is told', async () => {
  const repository = sampleRepository();
  const file = join(repository.root, 'src/user.ts');
  const before = readFileSync(file, 'utf8');
  const { heard, called } = await turns(
    repository.root,
    ['--worktree', '--no-checks', '--yes'],
    { calls: [{ name: 'write_file', arguments: { path: file, content: 'export const here = 1;\n' } }] },
    run(`cd ${repository.root} && cat src/user.ts`),
    { calls: [{ name: 'finish', arguments: { outcome: 'done', summary: 'Written.' } }] },
  );
  assert.equal(readFileSync(file, 'utf8'), before, called.stderr);
  assert.match(heard[1] ?? '', /is the person's checkout: here it means your work tree[\s\S]*here = 1/);
  repository.remove();
});

test('files that a command destroys are saved first, and brought back by rewind', async () => {
  const repository = sampleRepository();
  writeFileSync(join(repository.root, 'draft.txt'), 'mine\n');
  mkdirSync(join(repository.root, 'scratch'));
  writeFileSync(join(repository.root, 'scratch', 'x.txt'), 'mine too\n');
  const { heard, called } = await turns(repository.root, ['--auto'], run('rm -rf scratch && rm draft.txt'));
  assert.match(heard[0] ?? '', /exit 0/, called.stdout);
  assert.ok(!existsSync(join(repository.root, 'scratch')));
  const back = await vtcode.call(['rewind', endOf(called).manifest?.run ?? '']);
  assert.equal(back.code, 0, back.stderr);
  assert.equal(readFileSync(join(repository.root, 'scratch', 'x.txt'), 'utf8'), 'mine too\n');
  assert.equal(readFileSync(join(repository.root, 'draft.txt'), 'utf8'), 'mine\n');
  repository.remove();
});

test('a folder with ignored files, which no save holds, is not removed without a person', async () => {
  const repository = sampleRepository();
  writeFileSync(join(repository.root, '.gitignore'), 'local.db\n');
  mkdirSync(join(repository.root, 'data'));
  writeFileSync(join(repository.root, 'data', 'local.db'), 'all I have\n');
  const { heard } = await turns(repository.root, ['--auto'], run('rm -rf data'));
  assert.match(heard[0] ?? '', /needs a person/);
  assert.ok(existsSync(join(repository.root, 'data', 'local.db')));
  repository.remove();
});

test('temporary files, devices and the system are not foreign: --auto goes on after them', async () => {
  const place = folder();
  writeFileSync(join(place, 'a.js'), 'console.log(6 * 7)\n');
  const { heard, called } = await turns(
    place,
    ['--auto'],
    run('ls /tmp; cat < /dev/null; ls /usr; head -1 /etc/os-release'),
    run('node a.js < /dev/null'),
  );
  assert.match(heard[1] ?? '', /exit 0\n42/, called.stdout);
});

test('--read-only runs what only looks, and nothing else', async () => {
  const place = folder();
  writeFileSync(join(place, 'a.txt'), 'one\n');
  const { heard } = await turns(
    place,
    ['--read-only'],
    run(`cd ${place} && ls && cat a.txt | wc -l`),
    run('echo x > b.txt'),
    run('node -e 1'),
  );
  assert.match(heard[0] ?? '', /exit 0\na\.txt\n1/);
  for (const text of heard.slice(1)) assert.match(text, /only reads/);
  assert.ok(!existsSync(join(place, 'b.txt')));
});
