import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { endOf, eventsOf } from '../support/called.ts';
import { canaries, inFile } from '../support/canaries.ts';
import { type Reply, startModelServer } from '../support/model-server.ts';
import { temporaryFolder } from '../support/repository.ts';
import { sampleRepository } from '../support/sample.ts';
import { messagesOf, textOf, useModel } from '../support/scripted-run.ts';
import type { Called } from '../support/vtcode.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

/**
 * Goal: no secret of the person or the repository leaves the machine or is written down, whatever way it takes through a
 * run; and what an agent edits beside a secret is exactly what it would be without redaction. Method: 500 planted secrets,
 * the real program, a scripted model that reads them in every way it has; then every byte that was kept, sent or printed is
 * searched for all of them, also for the writings in which commands print them.
 */
const planted = canaries(500, 42);
const personal = 'Tr0ub4dor&3-personal';
const vtcode = vtcodeHere();
vtcode.environment.MY_SERVICE_PASSWORD = personal;
const server = await startModelServer(() => ({ answer: { text: 'Hello.' } }));
useModel(vtcode, server);
after(() => server.stop());

type Turn = NonNullable<Reply['answer']>;
const wants = (name: string, given: object): Turn => ({ calls: [{ name, arguments: given }] });

function turns(...all: Turn[]) {
  server.answerWith((request) => {
    const messages = messagesOf(request);
    const said = messages.filter(({ role }) => role === 'assistant').length;
    return { answer: all[said] ?? { text: `Heard: ${textOf(messages.at(-1))}` } };
  });
}

/** Every file under a folder. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Which secrets stand in a text, as they are or in base64. */
function found(text: string): string[] {
  const all = [...planted.map(({ value }) => value), personal];
  return all.filter(
    (value) => text.includes(value) || text.includes(Buffer.from(value).toString('base64').slice(0, 24)),
  );
}

/** Asserts that no secret was kept, sent or printed. */
function assertNoneKept(called: Called[], except: (path: string) => boolean = () => false): void {
  for (const path of filesIn(vtcode.state).filter((one) => !except(one)))
    assert.deepEqual(found(readFileSync(path, 'latin1')), [], path);
  for (const { body } of server.requests) assert.deepEqual(found(JSON.stringify(body)), []);
  for (const { stdout, stderr } of called) assert.deepEqual(found(stdout + stderr), []);
}

test('500 secrets that an agent reads, searches and prints are nowhere but in their files', async () => {
  const path = temporaryFolder('secrets');
  mkdirSync(join(path, 'config'));
  for (let file = 0; file < 10; file += 1)
    writeFileSync(
      join(path, `config/part${file}.ts`),
      `${planted
        .map(inFile)
        .filter((_, index) => index % 10 === file)
        .join('\n')}\n`,
    );
  writeFileSync(join(path, 'mine.txt'), `it is ${personal}\n`);
  const files = Array.from({ length: 10 }, (_, file) => `config/part${file}.ts`);
  turns(
    { calls: files.map((name) => ({ name: 'read_file', arguments: { path: name } })) },
    wants('read_file', { path: 'mine.txt' }),
    wants('search', { pattern: '[A-Za-z0-9]{20}' }),
    wants('run_command', { command: `cat ${files.join(' ')} mine.txt` }),
    wants('run_command', { command: 'cat config/part3.ts | base64' }),
    wants('run_command', { command: 'npm test' }),
    { text: `I was told ${personal} and ${planted[0]!.value}.` },
  );
  writeFileSync(
    join(path, 'package.json'),
    '{ "scripts": { "test": "base64 -w 0 config/part1.ts; od -An -tx1 -v config/part2.ts | tr -d \\" \\\\n\\"; cat config/part4.ts >&2; exit 1" } }\n',
  );
  const before = filesIn(path).map((file) => readFileSync(file, 'latin1'));
  const json = await vtcode.call([
    'run',
    `look at everything; the password is ${personal}`,
    '--auto',
    '--json',
    '-C',
    path,
  ]);
  assert.equal(json.code, 0, json.stderr);
  const verdicts = eventsOf(json).filter(({ type }) => type === 'tool.finished');
  assert.ok(
    verdicts.filter(({ verdict }) => verdict === 'allowed').length >= 14,
    JSON.stringify(verdicts.map(({ name, rule }) => [name, rule])),
  );
  const plain = await vtcode.call(['ask', 'what is in config/part0.ts?', '-C', path]);
  const { run } = endOf(json);
  const others = await Promise.all(
    [
      ['show', run ?? ''],
      ['logs', run ?? ''],
      ['result', run ?? ''],
      ['audit', 'show', run ?? ''],
      ['ps', '-a'],
    ].map((words) => vtcode.call(words)),
  );
  assertNoneKept([json, plain, ...others]);
  assert.ok(
    server.requests.some(({ body }) => JSON.stringify(body).includes('‹secret:')),
    'they were read',
  );
  assert.deepEqual(
    filesIn(path).map((file) => readFileSync(file, 'latin1')),
    before,
  );
});

test('an edit beside secrets, and one of a line with one, leave every other byte as it was', async () => {
  const path = temporaryFolder('secrets');
  const lines = planted.slice(0, 60).map(inFile);
  const text = `${lines.join('\n')}\nconst port = 80;\n`;
  writeFileSync(join(path, 'settings.ts'), text);
  writeFileSync(join(path, 'README.md'), 'Read me.\n');
  let [marker, line] = ['', ''];
  server.answerWith((request) => {
    const messages = messagesOf(request);
    const said = messages.filter(({ role }) => role === 'assistant').length;
    if (said === 0) return { answer: wants('read_file', { path: 'settings.ts' }) };
    if (said === 1) {
      // The model copies a line as it was shown it, marker and all.
      const shown =
        textOf(messages.at(-1))
          .split('\n')
          .find((line) => line.includes('‹secret:')) ?? '';
      marker = /‹secret:\w+›/.exec(shown)?.[0] ?? '';
      line = shown.replace(/^\s*\d+[\t|: ]+/, '');
    }
    const edits = [
      { path: 'settings.ts', old_text: line, new_text: `${line} // kept` },
      { path: 'settings.ts', old_text: 'port = 80', new_text: 'port = 81' },
    ];
    const edit = edits[said - 1];
    if (edit) return { answer: wants('edit_file', edit) };
    const elsewhere = [
      wants('write_file', { path: 'copy.ts', content: `export const copied = '${marker}';\n` }),
      wants('write_file', { path: 'README.md', content: `The key is ${marker}.\n` }),
      wants('edit_file', { path: 'README.md', old_text: 'Read me.', new_text: marker }),
      wants('run_command', { command: `printf %s '${marker}' | rev | tee reversed.txt; cat settings.ts` }),
    ];
    const refused = elsewhere[said - 3];
    if (refused) return { answer: refused };
    return { answer: { text: 'Done.' } };
  });
  const called = await vtcode.call(['run', 'edit it', '--auto', '--json', '-C', path]);
  assert.equal(called.code, 0, called.stderr);
  const [first = '', ...rest] = lines;
  assert.equal(
    readFileSync(join(path, 'settings.ts'), 'utf8'),
    `${[`${first} // kept`, ...rest].join('\n')}\nconst port = 81;\n`,
  );
  assert.deepEqual(readdirSync(path).sort(), ['README.md', 'settings.ts'], 'and the secret is nowhere else');
  assert.equal(readFileSync(join(path, 'README.md'), 'utf8'), 'Read me.\n');
  const results = eventsOf(called)
    .filter(({ type }) => type === 'tool.finished')
    .slice(-4)
    .map(({ result }) => (result as { text: string }).text);
  assert.equal(results.length, 4);
  for (const result of results) assert.match(result, /never in a command, another file or a new one/);
  assertNoneKept([called]);
});

test('what an agent made up itself is written as it says, and kept out of the log all the same', async () => {
  const path = temporaryFolder('secrets');
  const [own] = canaries(1, 777);
  turns(
    wants('write_file', { path: 'fixture.ts', content: `export const key = '${own?.value}';\n` }),
    wants('run_command', { command: `printf %s ${own?.value} | wc -c` }),
  );
  const called = await vtcode.call(['run', 'make a fixture', '--auto', '--json', '-C', path]);
  assert.equal(called.code, 0, called.stderr);
  assert.equal(readFileSync(join(path, 'fixture.ts'), 'utf8'), `export const key = '${own?.value}';\n`);
  for (const file of filesIn(vtcode.state))
    assert.equal(readFileSync(file, 'latin1').includes(own?.value ?? ''), false, file);
});

test('a marker that nobody knows is never written', async () => {
  const path = temporaryFolder('secrets');
  writeFileSync(join(path, 'a.txt'), 'old\n');
  turns(
    wants('edit_file', { path: 'a.txt', old_text: 'old', new_text: 'key = ‹secret:0123456789›' }),
    wants('run_command', { command: "echo '‹secret:0123456789›' >> a.txt" }),
  );
  const called = await vtcode.call(['run', 'edit it', '--auto', '--json', '-C', path]);
  assert.equal(called.code, 0, called.stderr);
  assert.equal(readFileSync(join(path, 'a.txt'), 'utf8'), 'old\n');
  const results = eventsOf(called)
    .filter(({ type }) => type === 'tool.finished')
    .map(({ result }) => (result as { text: string }).text);
  for (const result of results)
    assert.match(result, /stands for a secret, and is put back only in an edit of the very file/);
});

test('a text that is about markers is edited like any other', async () => {
  const path = temporaryFolder('secrets');
  writeFileSync(join(path, 'a.md'), 'A marker looks like ‹secret:0123456789›.\n');
  turns(
    wants('edit_file', {
      path: 'a.md',
      old_text: '‹secret:0123456789›.',
      new_text: '‹secret:0123456789›, for example.',
    }),
  );
  const called = await vtcode.call(['run', 'edit it', '--json', '-C', path]);
  assert.equal(called.code, 0, called.stderr);
  assert.equal(readFileSync(join(path, 'a.md'), 'utf8'), 'A marker looks like ‹secret:0123456789›, for example.\n');
});

test('a host that is killed after it read a secret: the next one puts it back all the same', async () => {
  const path = temporaryFolder('secrets');
  const line = `const apiKey = '${planted[0]!.value}';`;
  writeFileSync(join(path, 'a.ts'), `${line}\n`);
  const child = vtcode.start(['run', 'edit it', '--json', '-C', path]);
  let run = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    run ||= /"run":"(run_\w+)"/.exec(chunk.toString())?.[1] ?? '';
  });
  const ended = new Promise((done) => child.on('close', done));
  server.answerWith(async (request) => {
    const messages = messagesOf(request);
    const said = messages.filter(({ role }) => role === 'assistant').length;
    if (said === 0) return { answer: wants('read_file', { path: 'a.ts' }) };
    const shown = messages.map(textOf).join('\n');
    const marker = /‹secret:\w+›/.exec(shown)?.[0] ?? '';
    if (said === 1 && child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await ended;
    }
    if (said === 1)
      return {
        answer: wants('edit_file', { path: 'a.ts', old_text: `'${marker}'`, new_text: `'${marker}' as string` }),
      };
    return { answer: { text: 'Done.' } };
  });
  await ended;
  const resumed = await vtcode.call(['resume', run, '--json']);
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.equal(readFileSync(join(path, 'a.ts'), 'utf8'), `${line.replace(';', ' as string;')}\n`);
  assertNoneKept([resumed]);
});

test('a key that is a part of the path of the repository: the run works and goes on after its host was killed', async () => {
  const other = vtcodeHere();
  useModel(other, server);
  const folder = 'Pa55word-of-mine';
  other.environment.DB_PASSWORD = folder;
  const path = join(temporaryFolder('secrets'), folder);
  mkdirSync(path);
  writeFileSync(join(path, 'a.txt'), 'old\n');
  const child = other.start(['run', 'edit it', '--json', '-C', path]);
  let run = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    run ||= /"run":"(run_\w+)"/.exec(chunk.toString())?.[1] ?? '';
  });
  const ended = new Promise((done) => child.on('close', done));
  server.answerWith(async (request) => {
    const said = messagesOf(request).filter(({ role }) => role === 'assistant').length;
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await ended;
    }
    if (said === 0) return { answer: wants('edit_file', { path: 'a.txt', old_text: 'old', new_text: 'new' }) };
    return { answer: { text: `It was ${folder}.` } };
  });
  await ended;
  const resumed = await other.call(['resume', run, '--json']);
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.equal(readFileSync(join(path, 'a.txt'), 'utf8'), 'new\n');
  assert.match(resumed.stdout, /It was ‹secret:/);
});

test('in a plan: checks that print secrets, and everything that is kept is for its user alone', async () => {
  const secret = planted.find(({ kind }) => kind === 'github')!.value;
  const repository = sampleRepository({
    'check.sh': `echo 'the key is ${secret}'\n`,
    'src/one.ts': 'export const one = 1;\n',
  });
  after(() => repository.remove());
  const planFile = join(temporaryFolder('plan'), 'plan.toml');
  writeFileSync(
    planFile,
    'goal = "g"\n\n[[tasks]]\nid = "one"\ntitle = "One"\nprompt = "Do it."\nscope = ["src/one.ts"]\n',
  );
  turns(
    wants('edit_file', { path: 'src/one.ts', old_text: '= 1', new_text: '= 2' }),
    wants('finish', { outcome: 'done', summary: 'did it' }),
  );
  const called = await vtcode.call(['run', '--plan-file', planFile, '--yes', '--json', '-C', repository.root]);
  assert.equal(called.code, 0, called.stderr);
  // The private repository holds the commits, and with them the file itself.
  assertNoneKept([called], (file) => file.includes('/repositories/') || file.includes('/compiled/'));
  const wide = filesIn(join(vtcode.state, 'runs')).filter((file) => (statSync(file).mode & 0o077) !== 0);
  assert.deepEqual(wide, []);
  const folders = readdirSync(join(vtcode.state, 'runs')).map(
    (run) => statSync(join(vtcode.state, 'runs', run)).mode & 0o777,
  );
  assert.deepEqual([...new Set(folders)], [0o700]);
});
