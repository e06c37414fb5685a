import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { EventOf } from '../../ipc/events.ts';
import { assertRefused, endOf, eventsOf } from '../support/called.ts';
import { eventsIn, untilLogged } from '../support/detached.ts';
import { type Reply, startModelServer } from '../support/model-server.ts';
import { temporaryFolder } from '../support/repository.ts';
import { sampleFiles, sampleGoal, sampleRepository } from '../support/sample.ts';
import { messagesOf, textOf, useModel } from '../support/scripted-run.ts';
import { jsonLines } from '../support/vtcode.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

/**
 * Goal: a repository gives orders and runs set-up only after a person has seen them, and exactly as they were seen; keys and
 * what lies outside are read only after a person allowed it. Method: the real program against a scripted model.
 */
const vtcode = vtcodeHere();
const server = await startModelServer(() => ({ answer: { text: 'Hello.' } }));
after(() => server.stop());

type Turn = NonNullable<Reply['answer']>;
const reads = (path: string): Turn => ({ calls: [{ name: 'read_file', arguments: { path } }] });

function turns(...all: Turn[]) {
  server.answerWith((request) => {
    const messages = messagesOf(request);
    const said = messages.filter(({ role }) => role === 'assistant').length;
    return { answer: all[said] ?? { text: `Heard: ${textOf(messages.at(-1))}` } };
  });
}

test('trust shows what it is about, is bound to every byte of it, and can be taken back', async () => {
  const setup = `${sampleFiles['agents.toml']}\n[setup]\ncommands = ["echo set-up > set-up.txt"]\n`;
  const repository = sampleRepository({ 'agents.toml': setup, 'AGENTS.md': 'Tabs.\n', 'sub/AGENTS.md': 'Spaces.\n' });
  after(() => repository.remove());
  const trust = (...more: string[]) => vtcode.call(['trust', '-C', join(repository.root, 'sub'), ...more]);
  const asked = await trust();
  assert.equal(asked.code, 3);
  for (const words of [
    '── AGENTS.md ──\nTabs.',
    '── sub/AGENTS.md ──\nSpaces.',
    'echo set-up > set-up.txt',
    'vtcode trust --yes',
  ])
    assert.ok(asked.stdout.includes(words), asked.stdout);
  assert.equal((await trust('--yes')).code, 0);
  assert.match((await trust()).stdout, /All of it is trusted already: AGENTS\.md, agents\.toml, sub\/AGENTS\.md/);
  const file = join(vtcode.environment.XDG_CONFIG_HOME ?? '', 'vtcode', 'trusted.json');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const notes = async () => {
    const called = await vtcode.call(['run', '--plan', sampleGoal, '--dry-run', '--json', '-C', repository.root]);
    return endOf(called).manifest?.warnings.join('\n') ?? '';
  };
  assert.doesNotMatch(await notes(), /trust/);
  writeFileSync(join(repository.root, 'AGENTS.md'), 'Tabs!\n');
  repository.git('commit', '-qam', 'changed');
  assert.match(await notes(), /AGENTS\.md is left out until you trust it/);
  assert.deepEqual(jsonLines((await trust('--json')).stdout)[0]?.open, ['AGENTS.md']);
  await trust('--remove');
  assert.match(await notes(), /setup\.commands of agents\.toml is ignored until you trust it/);
  assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), { files: {} });
  writeFileSync(file, 'not ours');
  await assertRefused(vtcode, ['trust', '-C', repository.root], {
    ...{ exitCode: 2, code: 'config_invalid' },
    says: [/trusted\.json cannot be read/],
  });
  writeFileSync(file, '{ "files": {} }');
});

test('keys and what lies outside are not read without an answer, nor found by a search', async () => {
  useModel(vtcode, server);
  const path = temporaryFolder('reads');
  const outside = join(temporaryFolder('elsewhere'), 'notes.txt');
  writeFileSync(outside, 'words from outside\n');
  writeFileSync(join(path, '.env'), 'PORT=8080\nneedle=1\n');
  writeFileSync(join(path, 'a.txt'), 'needle\n');
  turns(
    {
      calls: [reads('.env'), reads(outside), reads('../up.txt'), reads('/proc/1/environ')].flatMap(
        (turn) => turn.calls ?? [],
      ),
    },
    { calls: [{ name: 'search', arguments: { pattern: 'needle' } }] },
  );
  const called = await vtcode.call(['ask', 'x', '--json', '-C', path]);
  assert.equal(called.code, 0, called.stderr);
  const finished = eventsOf(called).filter(
    (event) => event.type === 'tool.finished',
  ) as unknown as EventOf<'tool.finished'>[];
  const order = eventsOf(called).flatMap(({ type, call }) => (type === 'tool.requested' ? [call] : []));
  const results = finished.sort((a, b) => order.indexOf(a.call) - order.indexOf(b.call));
  assert.deepEqual(
    results.map(({ verdict }) => verdict),
    ['denied', 'denied', 'denied', 'denied', 'allowed'],
  );
  assert.match(String(results[0]?.rule), /\.env holds keys, by its name/);
  assert.match(String(results[1]?.rule), /is outside the work tree/);
  assert.equal(results[4]?.result.text, 'a.txt:1:needle');
});

test('a person allows one file outside: that one is read, by hands of its own, and nothing beside it', async () => {
  useModel(vtcode, server);
  const path = temporaryFolder('reads');
  // Not below /tmp and /var/tmp: commands have their own.
  const elsewhere = realpathSync(mkdtempSync(join(homedir(), 'vtcode-elsewhere-')));
  after(() => rmSync(elsewhere, { recursive: true }));
  const outside = join(elsewhere, 'notes.txt');
  writeFileSync(outside, 'words from outside\n');
  writeFileSync(join(elsewhere, 'other.txt'), 'other\n');
  writeFileSync(join(path, '.env'), 'PORT=8080\n');
  turns(reads(outside), reads('.env'), { calls: [{ name: 'run_command', arguments: { command: `cat ${outside}` } }] });
  const child = vtcode.start(['run', 'x', '--ask', '--json', '-C', path]);
  const ended = new Promise((done) => child.on('close', done));
  const run = await new Promise<string>((resolve) => {
    child.stdout?.once('data', (chunk: Buffer) => resolve(/"run":"(run_\w+)"/.exec(chunk.toString())?.[1] ?? ''));
  });
  const answer = async (count: number, word: 'approve' | 'deny') => {
    let seen = 0;
    const asked = (await untilLogged(vtcode, run, (event) => {
      if (event.seq === 1) seen = 0;
      if (event.type === 'approval.requested') seen += 1;
      return event.type === 'approval.requested' && seen === count;
    })) as EventOf<'approval.requested'>;
    await vtcode.call([word, asked.approval]);
    return asked;
  };
  assert.deepEqual((await answer(1, 'approve')).exact.paths, [outside]);
  assert.deepEqual((await answer(2, 'approve')).exact.reads, ['.env']);
  // What a person allowed to be read is not allowed to commands.
  assert.match((await answer(3, 'deny')).rule, /outside/);
  assert.equal(await ended, 0);
  const results = eventsIn(vtcode, run).flatMap((event) => (event.type === 'tool.finished' ? [event.result.text] : []));
  assert.deepEqual(results.slice(0, 2), ['words from outside', 'PORT=8080']);
});
