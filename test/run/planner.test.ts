import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { endOf, eventsOf } from '../support/called.ts';
import { type Reply, startModelServer } from '../support/model-server.ts';
import { sampleRepository } from '../support/sample.ts';
import { messagesOf, textOf, toolNames, useModel } from '../support/scripted-run.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

/**
 * Goal: a language model plans and works a run as the embedded one does, through the same checks, within its limits.
 * Method: the real program; a scripted model that plans two tasks and edits one file in each.
 */
const vtcode = vtcodeHere();
const repository = sampleRepository({
  'src/one.ts': 'export const one = 1;\n',
  'src/two.ts': 'export const two = 2;\n',
});
const inRepository = ['-C', repository.root, '--json'];
type Turn = NonNullable<Reply['answer']>;
let plans: unknown[] = [];
const server = await startModelServer((request) => {
  const messages = messagesOf(request);
  const said = messages.filter(({ role }) => role === 'assistant').length;
  return { answer: toolNames(request).includes('propose_plan') ? planner(said) : coder(said, textOf(messages[1])) };
});
after(async () => {
  await server.stop();
  repository.remove();
});

function planner(said: number): Turn {
  if (said === 0) return { text: 'I look.', calls: [{ name: 'list_files', arguments: {} }] };
  return { calls: [{ name: 'propose_plan', arguments: plans[said - 1] ?? plans.at(-1) }] };
}

function coder(said: number, prompt: string): Turn {
  const name = /src\/(one|two)/.exec(prompt)?.[1] ?? 'one';
  const edit = {
    path: `src/${name}.ts`,
    old_text: `export const ${name}`,
    new_text: `/** ${name}. */\nexport const ${name}`,
  };
  if (said === 0) return { calls: [{ name: 'edit_file', arguments: edit }] };
  return {
    calls: [{ name: 'finish', arguments: { outcome: 'done', summary: `documented ${name}`, verification: 'none' } }],
  };
}

const task = (name: string) => ({
  id: name,
  title: `Document ${name}`,
  prompt: `Document src/${name}.ts.`,
  scope: [`src/${name}.ts`],
});
const good = { summary: 'Two small edits.', tasks: [task('one'), task('two')] };

test('a model plans, is shown with its models and its cost, works, is checked and merged', async () => {
  plans = [good];
  useModel(vtcode, server);
  const dry = await vtcode.call(['run', '--plan', 'document all constants', '--dry-run', '-C', repository.root]);
  assert.equal(dry.code, 0, dry.stderr);
  assert.match(
    dry.stdout,
    /half of such plans stay below [\d,]+ tokens \(\$\d+\.\d\d\), nine of ten below [\d,]+ \(\$\d+\.\d\d\)/,
  );
  assert.match(dry.stdout, /Models: acme\/big: as agents\.toml says/);
  const called = await vtcode.call(['run', '--plan', 'document all constants', '--yes', ...inRepository]);
  const { manifest } = endOf(called);
  assert.equal(called.code, 0, called.stderr);
  assert.deepEqual(
    {
      outcome: manifest?.outcome,
      verified: manifest?.verified,
      models: manifest?.models,
      switches: manifest?.switches,
    },
    { outcome: 'done', verified: true, models: { 'acme/big': 6 }, switches: [] },
  );
  assert.match(repository.git('show', `${manifest?.branch}:src/two.ts`), /two\. \*\//);
  const { tokensP90 = 0, tokens = 0 } = manifest?.estimate ?? {};
  assert.ok(tokensP90 > tokens && tokens > 0);
});

test('a plan that cannot be run goes back with what is wrong, and a better one is taken', async () => {
  const overlapping = { summary: '', tasks: [task('one'), { ...task('two'), scope: ['src/**'] }] };
  plans = [{ summary: 'no tasks' }, overlapping, good];
  useModel(vtcode, server);
  const called = await vtcode.call(['run', '--plan', 'document all constants', '--yes', ...inRepository]);
  assert.equal(called.code, 0, called.stderr);
  const refused = eventsOf(called).filter(({ type, name }) => type === 'tool.finished' && name === 'propose_plan');
  assert.match(JSON.stringify(refused[0]), /The arguments do not fit: tasks/);
  assert.match(JSON.stringify(refused[1]), /The plan cannot be run.*scopes overlap/);
  assert.equal(refused.length, 3);
});

test('a model that never hands in a good plan is ended after a few tries', async () => {
  plans = [{ summary: 'no tasks' }];
  useModel(vtcode, server);
  const called = await vtcode.call(['run', '--plan', 'document all constants', '--yes', ...inRepository]);
  assert.equal(called.code, 2, called.stderr);
  assert.match(endOf(called).manifest?.reason ?? '', /No plan that can be run came of 4 tries/);
});

test('a run stops at its budget with exit 4, and goes on once it is raised', async () => {
  plans = [good];
  useModel(vtcode, server, 'openai-chat', '[limits]\ntokens = 3_000\n');
  const stopped = await vtcode.call(['run', '--plan', 'document all constants', '--yes', ...inRepository]);
  const { run, manifest } = endOf(stopped);
  assert.equal(stopped.code, 4, stopped.stderr);
  assert.match(manifest?.reason ?? '', /tokens.*limits\.tokens/);
  const { inputTokens = 0, outputTokens = 0 } = manifest?.usage ?? {};
  assert.ok(inputTokens + outputTokens <= 3_000);
  useModel(vtcode, server);
  const resumed = await vtcode.call(['resume', run ?? '', '--json']);
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.equal(endOf(resumed).manifest?.outcome, 'done');
});

test('a task at its own limit waits while the others are done; exit 4, and a higher limit lets it go on', async () => {
  plans = [good];
  useModel(vtcode, server, 'openai-chat', '[limits]\ntask_calls = 2\n');
  const server2 = server.requests.length;
  // The first task needs a third call: its first edit goes wrong.
  let failing = true;
  server.answerWith((request) => {
    const messages = messagesOf(request);
    const said = messages.filter(({ role }) => role === 'assistant').length;
    if (toolNames(request).includes('propose_plan')) return { answer: planner(said) };
    const prompt = textOf(messages[1]);
    if (failing && prompt.includes('src/one') && said === 0)
      return { answer: { calls: [{ name: 'read_file', arguments: { path: 'src/one.ts' } }] } };
    return { answer: coder(prompt.includes('src/one') && failing ? said - 1 : said, prompt) };
  });
  const stopped = await vtcode.call(['run', '--plan', 'document all constants', '--yes', ...inRepository]);
  const { run, manifest } = endOf(stopped);
  assert.equal(stopped.code, 4, stopped.stderr);
  assert.deepEqual(
    manifest?.tasks.map(({ id, state }) => [id, state]),
    [
      ['one', 'working'],
      ['two', 'merged'],
    ],
    `${server.requests.length - server2} requests`,
  );
  assert.match(manifest?.reason ?? '', /one: the task used its 2 model calls \(limits\.task_calls\)/);
  const still = await vtcode.call(['resume', run ?? '', '--json']);
  assert.equal(still.code, 4, 'the limit still holds');
  useModel(vtcode, server, 'openai-chat', '[limits]\ntask_calls = 9\n');
  failing = true;
  const resumed = await vtcode.call(['resume', run ?? '', '--json']);
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.equal(endOf(resumed).manifest?.outcome, 'done');
});

test('each task is told the notes nearest to what it may write', async () => {
  const files = { 'AGENTS.md': 'For all.\n', 'src/AGENTS.md': 'For src.\n', 'lib/a.ts': 'export const a = 1;\n' };
  const noted = sampleRepository({ ...files, 'src/one.ts': 'export const one = 1;\n' });
  plans = [{ summary: '', tasks: [task('one'), { ...task('lib'), scope: ['lib/**'] }] }];
  useModel(vtcode, server);
  const first = server.requests.length;
  await vtcode.call(['trust', '--yes', '-C', noted.root]);
  await vtcode.call(['run', '--plan', 'document', '--yes', '-C', noted.root, '--json']);
  const told = (words: string) =>
    server.requests
      .slice(first)
      .map((request) => messagesOf(request).map(textOf))
      .find(([, prompt]) => prompt?.includes(words))?.[0] ?? '';
  assert.match(told('Document src/one.ts'), /# src\/AGENTS\.md\nFor src\./);
  assert.doesNotMatch(told('Document src/one.ts'), /For all/);
  assert.match(told('Document src/lib.ts'), /# AGENTS\.md\nFor all\./);
  noted.remove();
});
