import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { EventOf } from '../../ipc/events.ts';
import { assertRefused, eventsOf, runsIn } from '../support/called.ts';
import { detach, endState, eventsIn, untilLogged } from '../support/detached.ts';
import { type Reply, startModelServer } from '../support/model-server.ts';
import { eventually } from '../support/processes.ts';
import { temporaryFolder } from '../support/repository.ts';
import { sampleRepository } from '../support/sample.ts';
import { messagesOf, textOf, useModel } from '../support/scripted-run.ts';
import { type Called, jsonLines } from '../support/vtcode.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';
import { watch } from '../support/watched.ts';

/**
 * Goal: what no rule allows waits for a person, is done exactly as it was shown, once, and by whoever answers first; and
 * nothing of it is lost when the host dies. Method: the real program against a scripted model; a script in the folder that
 * no rule names notes each of its runs.
 */
const vtcode = vtcodeHere();
const server = await startModelServer(() => ({ answer: { text: 'Hello.' } }));
useModel(vtcode, server);
after(async () => {
  await server.stop();
  await endState(vtcode);
});

type Turn = NonNullable<Reply['answer']>;
const wants = (command: string): Turn => ({ calls: [{ name: 'run_command', arguments: { command } }] });

/** Answers the n-th request of a conversation with the n-th turn; then says what the last result was. */
function turns(...all: Turn[]) {
  server.answerWith((request) => {
    const messages = messagesOf(request);
    const said = messages.filter(({ role }) => role === 'assistant').length;
    return { answer: all[said] ?? { text: `Heard: ${textOf(messages.at(-1))}` } };
  });
}

/** A folder with a script that no rule names; each run of it adds a line to `notes`. */
function folder(): { path: string; notes(): number } {
  const path = temporaryFolder('approvals');
  writeFileSync(join(path, 'note.sh'), '#!/bin/sh\necho noted >> notes\necho "it ran"\n');
  chmodSync(join(path, 'note.sh'), 0o755);
  const notes = () =>
    existsSync(join(path, 'notes')) ? readFileSync(join(path, 'notes'), 'utf8').trim().split('\n').length : 0;
  return { path, notes };
}

const words = (path: string) => ['run', 'do it', '--ask', '-C', path];

/** Begins an attached run that waits for answers from elsewhere; answers its id once it asks. */
async function asking(path: string) {
  const before = runsIn(vtcode);
  const ended = vtcode.call([...words(path), '--json']);
  const added = () => runsIn(vtcode).filter((run) => !before.includes(run));
  assert.ok(await eventually(() => added().length > 0, 20_000));
  const run = added()[0]!;
  return { run, ended, asked: await request(run) };
}

/** The same in a process that can be killed. */
async function askingInProcess(path: string) {
  const { child, ended, until } = watch(vtcode, words(path));
  const { run } = await until(() => true);
  return { run: String(run), child, ended, asked: await request(String(run)) };
}

/** The newest request of a run, once there are `count` of them. */
async function request(run: string, count = 1): Promise<EventOf<'approval.requested'>> {
  let seen = 0;
  const found = await untilLogged(vtcode, run, (event) => {
    if (event.seq === 1) seen = 0;
    if (event.type === 'approval.requested') seen += 1;
    return event.type === 'approval.requested' && seen === count;
  });
  return found as EventOf<'approval.requested'>;
}

test('a call waits for vtcode approve, is shown exactly, and runs once', async () => {
  const { path, notes } = folder();
  turns(wants('./note.sh one'));
  const { run, ended, asked } = await asking(path);
  const listed = await vtcode.call(['approvals', '--json']);
  const { approvals } = JSON.parse(listed.stdout) as { approvals: EventOf<'approval.requested'>[] };
  assert.deepEqual(
    approvals.map(({ approval, exact }) => ({ approval, command: exact.command, directory: exact.directory })),
    [{ approval: asked.approval, command: './note.sh one', directory: path }],
  );
  const seen = JSON.parse((await vtcode.call(['ps', '--json'])).stdout) as { rows: { run: string; state: string }[] };
  assert.equal(seen.rows.find((row) => row.run === run)?.state, 'waiting for you');
  assert.equal(notes(), 0);
  const approved = await vtcode.call(['approve', asked.approval]);
  assert.match(approved.stdout, /^Allowed \(once\): \.\/note\.sh one/, approved.stderr);
  const called = await ended;
  assert.equal(called.code, 0);
  assert.equal(notes(), 1);
  const done = eventsOf(called).filter(({ type }) => type === 'tool.finished');
  assert.match(String(done[0]?.rule), new RegExp(`allowed by vtcode approve \\(once, approval ${asked.approval}\\)`));
  await assertRefused(vtcode, ['approve', asked.approval], {
    ...{ exitCode: 2, code: 'run_unknown' },
    says: [/There is no run/],
  });
});

test('a no with a reason reaches the agent, and it goes on', async () => {
  const { path, notes } = folder();
  turns(wants('./note.sh'));
  const { ended, asked } = await asking(path);
  const denied = await vtcode.call(['deny', asked.approval, 'use', 'make', 'instead']);
  assert.match(denied.stdout, /^Denied: \.\/note\.sh/, denied.stderr);
  const called = await ended;
  assert.equal(called.code, 0);
  assert.equal(notes(), 0);
  assert.match(textOf(messagesOf(server.requests.at(-1)!).at(-1)), /vtcode deny said no: use make instead/);
});

test('without anybody to ask it is refused at once, and the agent is told why', async () => {
  const { path, notes } = folder();
  turns(wants('./note.sh'));
  const called = await vtcode.call(['run', 'do it', '--json', '-C', path]);
  assert.equal(called.code, 0, called.stderr);
  assert.equal(notes(), 0);
  assert.equal(eventsOf(called).filter(({ type }) => type === 'approval.requested').length, 0);
  assert.match(textOf(messagesOf(server.requests.at(-1)!).at(-1)), /needs a person, and nobody is there to ask/);
});

test('a host that is killed while it waits loses nothing: answered meanwhile, it runs once after resume', async () => {
  const { path, notes } = folder();
  turns(wants('./note.sh'));
  const { run, child, ended, asked } = await askingInProcess(path);
  child.kill('SIGKILL');
  await ended;
  const approved = await vtcode.call(['approve', asked.approval]);
  assert.match(approved.stdout, new RegExp(`Allowed \\(once\\).*\\nGo on with: vtcode resume ${run}`, 's'));
  await assertRefused(vtcode, ['deny', asked.approval], {
    ...{ exitCode: 2, code: 'usage' },
    says: [/has been answered: allow by vtcode approve/],
  });
  const resumed = await vtcode.call(['resume', run, '--json']);
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.equal(notes(), 1);
  const requested = eventsIn(vtcode, run).filter(({ type }) => type === 'approval.requested');
  assert.equal(requested.length, 1);
});

test('one that nobody answered is still open after resume: same id, same deadline', async () => {
  const { path, notes } = folder();
  turns(wants('./note.sh'));
  const { run, child, ended, asked } = await askingInProcess(path);
  child.kill('SIGKILL');
  await ended;
  const again = vtcode.start(['resume', run, '--json']);
  const over = new Promise((done) => again.on('close', done));
  await untilLogged(vtcode, run, (event) => event.type === 'host.started' && event.epoch > 1);
  const { approvals } = JSON.parse((await vtcode.call(['approvals', '--json'])).stdout) as {
    approvals: EventOf<'approval.requested'>[];
  };
  assert.deepEqual(
    approvals.map(({ approval, deadline }) => ({ approval, deadline })),
    [{ approval: asked.approval, deadline: asked.deadline }],
  );
  await assertRefused(vtcode, ['approve', run], {
    ...{ exitCode: 2, code: 'usage', says: [new RegExp(`vtcode approve ${asked.approval}`)] },
  });
  await vtcode.call(['approve', asked.approval]);
  assert.equal(await over, 0);
  assert.equal(notes(), 1);
});

test('nobody answers until the deadline: denied, told, and the run goes on', async () => {
  useModel(vtcode, server, 'openai-chat', '[limits]\napproval_seconds = 1\n');
  const { path, notes } = folder();
  turns(wants('./note.sh'));
  const { ended } = await asking(path);
  const called = await ended;
  useModel(vtcode, server);
  assert.equal(called.code, 0);
  assert.equal(notes(), 0);
  const answers = eventsOf(called).filter(({ type }) => type === 'approval.answered');
  assert.deepEqual(
    answers.map(({ answer, by }) => ({ answer, by })),
    [{ answer: 'deny', by: 'the deadline' }],
  );
  assert.match(textOf(messagesOf(server.requests.at(-1)!).at(-1)), /nobody answered in time/);
});

test('of several answers at one moment the first counts, and the others are told so', async () => {
  const { path, notes } = folder();
  turns(wants('./note.sh'));
  const { run, ended, asked } = await asking(path);
  const answers = await Promise.all([
    vtcode.call(['approve', asked.approval]),
    vtcode.call(['deny', asked.approval]),
    vtcode.call(['approve', asked.approval, '--for', 'run']),
  ]);
  assert.equal((await ended).code, 0);
  const written = eventsIn(vtcode, run).filter((event) => event.type === 'approval.answered');
  assert.equal(written.length, 1);
  assert.equal(notes(), written[0]?.answer === 'allow' ? 1 : 0);
  const isSame = (one: Called) => one.stdout.startsWith(written[0]?.answer === 'allow' ? 'Allowed' : 'Denied');
  assert.ok(answers.some((one) => one.code === 0 && isSame(one)));
  for (const one of answers) if (!isSame(one)) assert.match(one.stderr, /answered|no run/);
});

test('an answer for the run counts for the same call again, and not for another', async () => {
  const { path, notes } = folder();
  turns(wants('./note.sh same'), wants('./note.sh same'), wants('./note.sh other'));
  const { run, ended, asked } = await asking(path);
  await vtcode.call(['approve', asked.approval, '--for', 'run']);
  const second = await request(run, 2);
  assert.equal(second.exact.command, './note.sh other');
  assert.equal(notes(), 2);
  await vtcode.call(['deny', second.approval]);
  assert.equal((await ended).code, 0);
  assert.equal(notes(), 2);
});

test('a file that changes between question and answer makes it another question', async () => {
  const repository = sampleRepository({ 'src/one.ts': 'export const one = 1;\n', 'docs.md': 'old words\n' });
  after(() => repository.remove());
  const planFile = join(temporaryFolder('plan'), 'plan.toml');
  writeFileSync(
    planFile,
    'goal = "g"\n\n[[tasks]]\nid = "one"\ntitle = "One"\nprompt = "Do it."\nscope = ["src/one.ts"]\n',
  );
  const edit = { path: 'docs.md', old_text: 'words', new_text: 'letters' };
  turns(
    { calls: [{ name: 'edit_file', arguments: edit }] },
    { calls: [{ name: 'finish', arguments: { outcome: 'done', summary: 'did it' } }] },
  );
  const run = await detach(vtcode, ['run', '--plan-file', planFile, '--yes', '--detach', '-C', repository.root]);
  const asked = await request(run);
  assert.deepEqual(asked.exact.files, ['docs.md']);
  assert.match(asked.rule, /docs\.md is outside the task's scope/);
  const [tree = ''] = asked.exact.paths;
  writeFileSync(tree, 'new words\n');
  await vtcode.call(['approve', asked.approval]);
  const second = await request(run, 2);
  assert.notEqual(second.exact.digest, asked.exact.digest);
  assert.equal(readFileSync(tree, 'utf8'), 'new words\n');
  await vtcode.call(['approve', second.approval]);
  const waited = await vtcode.call(['wait', run]);
  assert.equal(waited.code, 0, waited.stdout + waited.stderr);
  // What a person allowed is not outside the scope when the work is handed in.
  assert.equal(repository.git('show', `vtcode/${run}:docs.md`), 'new letters');
});

test('a command whose folder or script is another by the time of the answer is asked again', async () => {
  const { path, notes } = folder();
  mkdirSync(join(path, 'a'));
  mkdirSync(join(path, 'b'));
  symlinkSync('a', join(path, 'd'));
  turns({ calls: [{ name: 'run_command', arguments: { command: '../note.sh', directory: 'd' } }] });
  const { run, ended, asked } = await asking(path);
  unlinkSync(join(path, 'd'));
  symlinkSync('b', join(path, 'd'));
  await vtcode.call(['approve', asked.approval]);
  const second = await request(run, 2);
  writeFileSync(join(path, 'note.sh'), '#!/bin/sh\necho evil >> notes\n');
  await vtcode.call(['approve', second.approval]);
  const third = await request(run, 3);
  assert.equal(new Set([asked, second, third].map(({ exact }) => exact.digest)).size, 3);
  await vtcode.call(['deny', third.approval]);
  assert.equal((await ended).code, 0);
  assert.deepEqual([notes(), existsSync(join(path, 'b', 'notes'))], [0, false]);
});

test('an agent that waits does not hold up its siblings, in the foreground or the background', async () => {
  const repository = sampleRepository({
    'src/one.ts': 'export const one = 1;\n',
    'src/two.ts': 'export const two = 2;\n',
  });
  after(() => repository.remove());
  const planFile = join(temporaryFolder('plan'), 'plan.toml');
  const task = (name: string, background: boolean) =>
    `[[tasks]]\nid = "${name}"\ntitle = "${name}"\nprompt = "Document src/${name}.ts."\nscope = ["src/${name}.ts"]\nbackground = ${background}\n`;
  writeFileSync(planFile, `goal = "g"\n\n${task('one', true)}\n${task('two', true)}`);
  useModel(vtcode, server, 'openai-chat', '[limits]\nbackground = 1\n');
  server.answerWith((request) => {
    const messages = messagesOf(request);
    const said = messages.filter(({ role }) => role === 'assistant').length;
    const name = /src\/(one|two)/.exec(textOf(messages[1]))?.[1] ?? 'one';
    const edit = { path: `src/${name}.ts`, old_text: 'export', new_text: '/** . */\nexport' };
    const finish = { calls: [{ name: 'finish', arguments: { outcome: 'done', summary: 'did' } }] };
    if (said === 0)
      return {
        answer: name === 'one' ? wants('./nothing-known') : { calls: [{ name: 'edit_file', arguments: edit }] },
      };
    if (said === 1 && name === 'one') return { answer: { calls: [{ name: 'edit_file', arguments: edit }] } };
    return { answer: finish };
  });
  const run = await detach(vtcode, ['run', '--plan-file', planFile, '--yes', '--detach', '-C', repository.root]);
  const asked = await request(run);
  // With one process for two background tasks the second only comes to work because the first gave its place back.
  await untilLogged(vtcode, run, (event) => event.type === 'merge.finished' && event.task === 'two');
  const parked = eventsIn(vtcode, run).find((event) => event.type === 'agent.parked');
  assert.deepEqual(parked?.type === 'agent.parked' && [parked.agent, parked.waitsFor], ['one', 'approval']);
  await vtcode.call(['deny', asked.approval]);
  const waited = await vtcode.call(['wait', run]);
  useModel(vtcode, server);
  assert.equal(waited.code, 0, waited.stdout + waited.stderr);
});

test('--read-only writes nothing and runs nothing; two ways at once are refused', async () => {
  const { path, notes } = folder();
  turns(wants('./note.sh'), { calls: [{ name: 'write_file', arguments: { path: 'new', content: 'x' } }] });
  const called = await vtcode.call(['run', 'do it', '--read-only', '--json', '-C', path]);
  assert.equal(called.code, 0, called.stderr);
  assert.deepEqual([notes(), existsSync(join(path, 'new'))], [0, false]);
  const verdicts = eventsOf(called).filter(({ type }) => type === 'tool.finished');
  assert.deepEqual(
    verdicts.map(({ verdict }) => verdict),
    ['denied', 'denied'],
  );
  const refusal = { exitCode: 2, code: 'usage', says: [/Only one of/] };
  await assertRefused(vtcode, ['run', 'x', '--auto', '--ask', '-C', path], refusal);
  const planned = { exitCode: 2, code: 'usage', says: [/has to write/] };
  await assertRefused(vtcode, ['run', '--plan', 'rename a to b', '--read-only', '-C', path], planned);
});

test('an id that nobody asked, a scope that there is not: refused with what to do', async () => {
  const unknown = { exitCode: 2, code: 'run_unknown', says: [/There is no run zzzzz/] };
  await assertRefused(vtcode, ['approve', 'zzzzz'], unknown);
  await assertRefused(vtcode, ['deny', 'zzzzz'], unknown);
  const { path } = folder();
  turns(wants('./note.sh'));
  const { ended, asked } = await asking(path);
  const scope = { exitCode: 2, code: 'usage', says: [/--for ever is no scope/, /once, task, run or always/] };
  await assertRefused(vtcode, ['approve', asked.approval, '--for', 'ever'], scope);
  await vtcode.call(['deny', asked.approval]);
  assert.equal((await ended).code, 0);
  rmSync(path, { recursive: true });
  const [listed] = jsonLines((await vtcode.call(['approvals', '--json'])).stdout);
  assert.deepEqual(listed, { approvals: [], plans: [] });
});

test('what a person allowed is there for that call: files that instruct, by a line and by a tool', async () => {
  const { path } = folder();
  writeFileSync(join(path, 'AGENTS.md'), 'one\n');
  turns(wants('echo two >> AGENTS.md'), {
    calls: [{ name: 'edit_file', arguments: { path: 'AGENTS.md', old: 'one\n', new: 'three\n' } }],
  });
  const { run, ended, asked } = await asking(path);
  await vtcode.call(['approve', asked.approval]);
  const second = await untilLogged(
    vtcode,
    run,
    (event) => event.type === 'approval.requested' && event.approval !== asked.approval,
  );
  assert.equal(readFileSync(join(path, 'AGENTS.md'), 'utf8'), 'one\ntwo\n');
  await vtcode.call(['approve', (second as EventOf<'approval.requested'>).approval]);
  assert.equal((await ended).code, 0);
  assert.equal(readFileSync(join(path, 'AGENTS.md'), 'utf8'), 'three\ntwo\n');
});
