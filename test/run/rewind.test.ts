import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { person } from '../../ipc/run-kind.ts';
import { userEnvironment } from '../../orchestrator/environment/environment.ts';
import { forkConversation, restoreNewest } from '../../orchestrator/operations/rewind.ts';
import { appendAsOwner } from '../../orchestrator/runs/append-as-owner.ts';
import { conversationsIn } from '../../orchestrator/runs/conversations.ts';
import { listRuns } from '../../orchestrator/runs/find-run.ts';
import { readRun, stateOf } from '../../orchestrator/runs/read-run.ts';
import { foldAll } from '../../state/fold.ts';
import { runPaths } from '../../state/paths.ts';
import { openRunLog } from '../../state/run-log.ts';
import { newHistory, note } from '../../tui/dashboard/history.ts';
import { startModelServer } from '../support/model-server.ts';
import { temporaryFolder } from '../support/repository.ts';
import { messagesOf, textOf, useModel } from '../support/scripted-run.ts';
import { launcher } from '../support/vtcode.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

/**
 * Goal: any turn of a conversation can be taken back, with the files byte for byte as they were, and nothing is lost by it.
 * Method: a scripted model changes a folder by tools and commands, turn by turn; every turn is gone back to.
 */
const vtcode = vtcodeHere();
const server = await startModelServer(() => ({ answer: { text: 'Hello.' } }));
useModel(vtcode, server);
after(() => server.stop());
const place = userEnvironment(vtcode.environment);

/** Everything in a folder but git's own: type, mode and bytes by path. */
function contents(folder: string, below = ''): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(join(folder, below))) {
    const path = below === '' ? name : `${below}/${name}`;
    const stat = lstatSync(join(folder, path));
    if (name === '.git') continue;
    if (stat.isDirectory()) Object.assign(found, contents(folder, path));
    else if (stat.isSymbolicLink()) found[path] = `link ${readlinkSync(join(folder, path))}`;
    else found[path] = `${(stat.mode & 0o111).toString(8)} ${readFileSync(join(folder, path)).toString('base64')}`;
  }
  return found;
}

const edit = (path: string, content: string) => ({ name: 'write_file', arguments: { path, content } });
const command = (line: string) => ({ name: 'run_command', arguments: { command: line } });

/** Each turn does the calls that its words name, then answers. */
function script(turns: Record<string, { name: string; arguments: Record<string, unknown> }[]>) {
  server.answerWith((request) => {
    const messages = messagesOf(request);
    const said = messages.findLast(({ role }) => role === 'user');
    const calls = turns[textOf(said).split('\n').at(-1) ?? ''];
    if (messages.at(-1) === said && calls) return { answer: { calls } };
    return { answer: { text: `done: ${textOf(said)}` } };
  });
}

async function talk(folder: string, words: string[]): Promise<string> {
  const { code, stdout, stderr } = await vtcode.call(['chat', '--auto', '-C', folder], {
    input: `${words.join('\n')}\n`,
  });
  assert.equal(code, 0, stderr);
  return /Left (run_\w+)/.exec(stdout)?.[1] ?? assert.fail(stdout);
}

function fill(folder: string): void {
  writeFileSync(join(folder, '.gitattributes'), '* text=auto\n*.dat filter=evil\n');
  writeFileSync(join(folder, '.gitignore'), 'ignored/\n');
  writeFileSync(join(folder, 'windows.txt'), 'one\r\ntwo\r\n');
  writeFileSync(join(folder, 'bytes.dat'), Buffer.from([0, 255, 13, 10, 0, 128]));
  writeFileSync(join(folder, 'gone.txt'), 'will be deleted\n');
  writeFileSync(join(folder, 'tool.sh'), '#!/bin/sh\n');
  chmodSync(join(folder, 'tool.sh'), 0o755);
  symlinkSync('windows.txt', join(folder, 'link'));
  mkdirSync(join(folder, 'ignored'));
  writeFileSync(join(folder, 'ignored', 'kept.txt'), 'not ours\n');
  writeFileSync(join(folder, 'ünïcode name.txt'), 'ü\n');
}

for (const kind of ['a git repository', 'a folder without git'])
  test(`every turn can be taken back, byte for byte, in ${kind}`, async () => {
    const folder = temporaryFolder('rewind');
    fill(folder);
    if (kind === 'a git repository') {
      execFileSync('git', ['init', '-q', folder]);
      execFileSync('git', ['-C', folder, 'add', 'windows.txt', 'gone.txt']);
      const who = ['-c', 'user.name=a', '-c', 'user.email=a@b'];
      execFileSync('git', ['-C', folder, ...who, 'commit', '-qm', 'first']);
    }
    script({
      second: [edit('windows.txt', 'changed\n'), edit('new/deep/file.txt', 'new\n')],
      third: [
        command('rm gone.txt link tool.sh && echo appended >> bytes.dat && mkdir -p more && cp windows.txt more/x'),
      ],
    });
    const before = contents(folder);
    const gitBefore = kind === 'a git repository' ? gitState(folder) : null;
    const run = await talk(folder, ['first', 'second']);
    const between = contents(folder);
    assert.notDeepEqual(between, before);
    await vtcode.call(['chat', '--continue', '-C', folder], { input: 'third\nfourth\n' });
    const last = contents(folder);
    assert.ok(!existsSync(join(folder, 'gone.txt')));

    // What the person changed by hand since then is not lost either.
    writeFileSync(join(folder, 'by-hand.txt'), 'mine\n');
    const third = await vtcode.call(['rewind', run, '--turn', '3', '-C', folder]);
    assert.equal(third.code, 0, third.stderr);
    assert.deepEqual(contents(folder), between);
    const second = await vtcode.call(['rewind', run, '--turn', '2', '-C', folder]);
    assert.equal(second.code, 0, second.stderr);
    assert.match(second.stdout, /^run_\w+\nFiles brought back: .*windows\.txt/);
    assert.deepEqual(contents(folder), before);
    if (gitBefore) assert.deepEqual(gitState(folder), gitBefore);

    // The conversation is as it was before its second turn, and goes on.
    server.requests.length = 0;
    const again = await vtcode.call(['resume', second.stdout.split('\n')[0] ?? ''], { input: 'other\n' });
    assert.equal(again.code, 0, again.stderr);
    const heard = messagesOf(server.requests.at(-1)!)
      .slice(1)
      .map((one) => `${one.role}: ${textOf(one)}`);
    assert.deepEqual(heard, ['user: first', 'assistant: done: first', 'user: other']);

    // And the way back: nothing was taken from the old one.
    rmSync(join(folder, 'windows.txt'));
    const back = await vtcode.call(['rewind', run, '-C', folder]);
    assert.equal(back.code, 0, back.stderr);
    // Its last save is of when it was gone back from last: what the third turn found.
    assert.deepEqual(contents(folder), between);
    assert.notDeepEqual(last, between);
    const verified = await vtcode.call(['audit', 'verify', run]);
    assert.equal(verified.code, 0, verified.stdout + verified.stderr);
  });

function gitState(folder: string): string[] {
  const git = (...words: string[]) => execFileSync('git', ['-C', folder, ...words], { encoding: 'utf8' });
  return [git('status', '--porcelain=v2'), git('log', '--format=%H'), git('stash', 'list'), git('for-each-ref')];
}

test('a fork has all that was said, its own log, and leaves the folder and the first conversation alone', async () => {
  const folder = temporaryFolder('rewind');
  script({ change: [edit('a.txt', 'a\n')] });
  const run = await talk(folder, ['first', 'change']);
  const before = contents(folder);
  const forked = await vtcode.call(['fork', run]);
  assert.equal(forked.code, 0, forked.stderr);
  const copy = forked.stdout.split('\n')[0] ?? '';
  assert.deepEqual(contents(folder), before);
  for (const one of [copy, run]) {
    server.requests.length = 0;
    const again = await vtcode.call(['resume', one], { input: `to ${one}\n` });
    assert.equal(again.code, 0, again.stderr);
    const heard = messagesOf(server.requests.at(-1)!).slice(1);
    assert.deepEqual(heard.filter(({ role }) => role === 'user').map(textOf), ['first', 'change', `to ${one}`]);
    assert.equal((await vtcode.call(['audit', 'verify', one])).code, 0);
  }
  // A turn of a fork can be taken back as in the first.
  const { files } = await forkConversation(place, copy, { turn: 2, withFiles: true });
  assert.deepEqual(files, ['a.txt']);
  assert.deepEqual(contents(folder), {});
});

test('what a person has under way stays in the conversation before; what was spent there is not spent again', async () => {
  const folder = temporaryFolder('rewind');
  script({});
  const run = await talk(folder, ['first', 'second']);
  const paths = runPaths(place.state, run);
  // A host that was killed in the middle of these.
  const asked = (call: string, name: string, given: object) => {
    return { type: 'tool.requested' as const, agent: person, call, name, arguments: given };
  };
  appendAsOwner(place, run, () => [
    asked('call-1', 'run_command', { command: 'echo 1 >> count' }),
    asked('call-2', 'delegate', { role: 'explorer', prompt: 'look' }),
  ]);
  appendAsOwner(place, run, () => [
    { type: 'agent.told', agent: 'agent', text: 'third', by: person },
    { type: 'folder.saved', turn: foldAll(readLog(paths.log, run)).seq + 1, commit: null, reason: '' },
  ]);
  const { run: copy } = await forkConversation(place, run, { turn: 3, withFiles: false });
  const again = await vtcode.call(['resume', copy], { input: 'other\n' });
  assert.equal(again.code, 0, again.stderr);
  assert.equal(existsSync(join(folder, 'count')), false);
  const events = readLog(runPaths(place.state, copy).log, copy);
  assert.equal(events.filter(({ type }) => type === 'agent.delegated').length, 0);
  assert.equal(
    events.filter((one) => one.type === 'tool.finished' && one.result.text === `It stayed in ${run}.`).length,
    2,
  );
  const [before, after] = [newHistory(), newHistory()];
  for (const event of readLog(paths.log, run)) note(before, event);
  for (const event of events) note(after, event);
  const spent = ({ spent }: typeof before) => [...spent.values()].reduce((sum, usd) => sum + usd, 0);
  assert.ok(spent(after) > 0);
  assert.equal(Math.round((spent(before) / spent(after)) * 100) / 100, 2, 'two turns before, one of its own');
});

function readLog(path: string, run: string) {
  const log = openRunLog(path, run, { readonly: true });
  try {
    return log.read();
  } finally {
    log.close();
  }
}

test('a fork that is killed at any moment is there whole or not at all; one that was not is the newest conversation', async () => {
  const folder = temporaryFolder('rewind');
  fill(folder);
  script({ change: [command('echo 2 > windows.txt')] });
  const run = await talk(folder, ['first', 'change', 'third']);
  const known = new Set(listRuns(place));
  for (let ms = 120, made = 0; made < 2; ms += 25) {
    const child = spawn(launcher, ['fork', run], { env: vtcode.environment, detached: true, stdio: 'ignore' });
    const ended = once(child, 'exit');
    await sleep(ms);
    if (child.exitCode === null && child.signalCode === null) process.kill(-(child.pid ?? 0), 'SIGKILL');
    await ended;
    const fresh = listRuns(place).filter((one) => !known.has(one));
    for (const one of fresh) {
      made += 1;
      known.add(one);
      assert.equal(stateOf(place, one).turns.length, 3);
      const { manifest } = await readRun(place, one);
      assert.ok(manifest.startedAt <= manifest.updatedAt);
    }
  }
  const last = await vtcode.call(['fork', run]);
  assert.equal(conversationsIn(place, folder)[0]?.created.run, last.stdout.split('\n')[0]);
});

test('going back that breaks off half-way can be taken back: what lay there was written down first', async () => {
  const folder = temporaryFolder('rewind');
  fill(folder);
  script({ change: [command('echo 2 > windows.txt; rm tool.sh')] });
  const run = await talk(folder, ['change']);
  const { saves } = runPaths(place.state, run);
  const lost = execFileSync('git', ['hash-object', '--stdin'], { input: 'one\r\ntwo\r\n', encoding: 'utf8' }).trim();
  const object = join(saves, 'objects', lost.slice(0, 2), lost.slice(2));
  const bytes = readFileSync(object);
  rmSync(object);
  writeFileSync(join(folder, 'by-hand.txt'), 'mine\n');
  const before = contents(folder);
  const { code, stderr } = await vtcode.call(['rewind', run, '--turn', '1']);
  assert.notEqual(code, 0);
  assert.ok(stderr.includes(`bring back what lay there: vtcode rewind ${run}`), stderr);
  assert.notDeepEqual(contents(folder), before);
  const mended = await vtcode.call(['rewind', run]);
  assert.equal(mended.code, 0, mended.stderr);
  assert.deepEqual(contents(folder), before);
  // Again, it is the same.
  rmSync(join(folder, 'by-hand.txt'));
  assert.equal((await vtcode.call(['rewind', run])).code, 0);
  assert.deepEqual(contents(folder), before);
  writeFileSync(object, bytes);
  assert.equal((await vtcode.call(['rewind', run, '--turn', '1'])).code, 0);
  assert.equal(readFileSync(join(folder, 'windows.txt'), 'utf8'), 'one\r\ntwo\r\n');
  assert.equal((await vtcode.call(['audit', 'verify', run])).code, 0);
});

test('what cannot be gone back to is refused with what to do, and changes nothing', async () => {
  const folder = temporaryFolder('rewind');
  script({});
  const run = await talk(folder, ['first']);
  for (const [words, told] of [
    [['rewind', run, '--turn', '7'], /has no turn 7[\s\S]*turns 1 to 1/],
    [['rewind', run, '--turn', 'x'], /is no number of a turn/],
    [['fork', 'run_222222222222'], /There is no run/],
  ] as const) {
    const called = await vtcode.call([...words]);
    assert.deepEqual([called.code, told.test(called.stderr)], [2, true], called.stderr);
  }
  const asked = await vtcode.call(['ask', 'x', '-C', folder]);
  const other = /(run_\w+)/.exec(asked.stderr)?.[1] ?? '';
  const called = await vtcode.call(['rewind', other, '--turn', '1']);
  assert.match(called.stderr, /is no conversation/);
  await assert.rejects(restoreNewest(place, other), /Nothing of the folder was saved/);
});
