import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { endOf, eventsOf } from '../support/called.ts';
import { processesOf } from '../support/detached.ts';
import { type Reply, startModelServer } from '../support/model-server.ts';
import { commandOf, eventually } from '../support/processes.ts';
import { sampleRepository } from '../support/sample.ts';
import { messagesOf, textOf, useModel } from '../support/scripted-run.ts';
import type { Called } from '../support/vtcode.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

/**
 * Goal: background agents are processes of their own, and whatever happens to one, the run ends as it should and leaves
 * nobody behind. Method: the real program with a scripted model; agents are found by what they were started with.
 */
const vtcode = vtcodeHere();
const repository = sampleRepository({
  'src/one.ts': 'export const one = 1;\n',
  'src/two.ts': 'export const two = 2;\n',
});
/** What is done with the first request of a task's agent before it is answered. */
let first: (name: string) => Promise<Reply | undefined> = async () => undefined;
const server = await startModelServer(async (request) => {
  const messages = messagesOf(request);
  const turns = messages.filter(({ role }) => role === 'assistant').length;
  const name = /src\/(one|two)/.exec(textOf(messages[1]))?.[1] ?? 'one';
  const otherwise = turns === 0 ? await first(name) : undefined;
  if (otherwise) return otherwise;
  if (!messages.some((message) => JSON.stringify(message).includes('edit_file'))) {
    const edit = {
      path: `src/${name}.ts`,
      old_text: `export const ${name}`,
      new_text: `/** ${name}. */\nexport const ${name}`,
    };
    return { answer: { calls: [{ name: 'edit_file', arguments: edit }] } };
  }
  return { answer: { calls: [{ name: 'finish', arguments: { outcome: 'done', summary: `documented ${name}` } }] } };
});
const planFile = join(vtcode.state, '..', 'plan.toml');
writeFileSync(
  planFile,
  ['one', 'two']
    .map(
      (name, at) =>
        `[[tasks]]\nid = "${name}"\ntitle = "Document ${name}"\nprompt = "Document src/${name}.ts."\nscope = ["src/${name}.ts"]\nbackground = ${at === 0}\n`,
    )
    .join('\n')
    .replace(/^/, 'goal = "document"\n\n'),
);
after(async () => {
  await server.stop();
  repository.remove();
});

const run = ['run', '--plan-file', planFile, '--yes', '--json', '-C', repository.root];

/** Pids of agent processes of this test's runs, and of others that were started with such words. */
const agents = () => processes(/agents(\/main)?\.(js|ts) process$/);

function processes(started: RegExp): number[] {
  return processesOf(vtcode)
    .map(({ pid }) => pid)
    .filter((pid) => started.test(commandOf(pid)));
}

/** What a run said and did last: without it nobody can tell why it ended otherwise. */
function said(called: Called): string {
  return `${called.stderr}${called.stdout.split('\n').slice(-lastShown).join('\n')}`;
}
const lastShown = 40;

/** Does `act` once, when the first request of task one's background agent is there. */
function once(act: () => Promise<Reply | undefined>): void {
  let done = false;
  first = async (name) => {
    if (name !== 'one' || done) return undefined;
    done = true;
    return act();
  };
}

test('a task marked background is worked by a process of its own, beside the foreground ones', async () => {
  let seen = 0;
  useModel(vtcode, server, 'openai-chat', '[limits]\nagents = 1\n');
  once(async () => {
    seen = agents().length;
    process.kill(agents()[0] ?? 0, 'SIGUSR1'); // the engine prints that it listens to a debugger, or why not
    return undefined;
  });
  const called = await vtcode.call(run);
  assert.equal(called.code, 0, said(called));
  assert.equal(seen, 1);
  assert.deepEqual(endOf(called).manifest?.models, { 'acme/big': 4 });
  assert.deepEqual(agents(), []);
  const logs = await vtcode.call(['logs', endOf(called).run ?? '']);
  assert.match(logs.stdout, /\n {4}\| {2}one: .*(Debugger|inspector)/);
  assert.match(logs.stdout, /one: coder starts, model/);
});

test('one that is killed is started again from the log, after a pause; one model call is repeated', async () => {
  useModel(vtcode, server);
  once(async () => {
    for (const pid of agents()) process.kill(pid, 'SIGKILL');
    return { pieces: () => ['hang'] };
  });
  const called = await vtcode.call(run);
  const { manifest } = endOf(called);
  assert.equal(called.code, 0, said(called));
  const crashed = eventsOf(called).filter(({ type }) => type === 'agent.crashed');
  assert.deepEqual(
    crashed.map(({ agent, cause }) => ({ agent, cause })),
    [{ agent: 'one', cause: 'crash' }],
  );
  assert.equal(eventsOf(called).filter(({ type }) => type === 'model.abandoned').length, 1);
  assert.deepEqual(
    manifest?.tasks.map(({ state }) => state),
    ['merged', 'merged'],
  );
});

test('one that is killed while a command of it runs gets its result in the next life: the command goes on', async () => {
  const nap = `2.${process.pid}`;
  useModel(vtcode, server, 'openai-chat', `[policy.commands]\nallow = ["sleep ${nap}"]\n`);
  once(async () => ({ answer: { calls: [{ name: 'run_command', arguments: { command: `sleep ${nap}` } }] } }));
  const calling = vtcode.call(run);
  assert.ok(await eventually(() => processes(new RegExp(`^sleep ${nap}$`)).length > 0, 20_000));
  for (const pid of agents()) process.kill(pid, 'SIGKILL');
  const called = await calling;
  assert.equal(called.code, 0, said(called));
  const about = (type: string) => eventsOf(called).filter((event) => event.type === type && event.agent === 'one');
  assert.equal(about('agent.crashed').length, 1);
  const ran = about('tool.finished').find(({ name }) => name === 'run_command');
  assert.deepEqual(ran?.result, { text: 'exit 0\n', isError: false });
});

test('one that makes no progress is ended by its deadline, told as a stall, and its sibling is not touched', async () => {
  useModel(vtcode, server, 'openai-chat', '[models]\nconnect_seconds = 1\n');
  once(async () => {
    for (const pid of agents()) process.kill(pid, 'SIGSTOP');
    return { answer: { text: 'nobody hears this' } };
  });
  const called = await vtcode.call(run);
  assert.equal(called.code, 0, said(called));
  const crashed = eventsOf(called).filter(({ type }) => type === 'agent.crashed');
  assert.deepEqual(
    crashed.map(({ agent, cause }) => ({ agent, cause })),
    [{ agent: 'one', cause: 'stall' }],
  );
  assert.equal(eventsOf(called).filter(({ type, agent }) => type === 'agent.started' && agent === 'two').length, 1);
});

test('hands that are killed are replaced: an edit is made once, and nobody is told of an error', async () => {
  useModel(vtcode, server);
  let killed = 0;
  first = async (name) => {
    if (name !== 'one' || killed > 0) return undefined;
    for (const pid of processes(/hands\.js|tools\/main\.ts/)) {
      process.kill(pid, 'SIGKILL');
      killed += 1;
    }
    return undefined;
  };
  const called = await vtcode.call(run);
  assert.equal(called.code, 0, said(called));
  assert.ok(killed > 0);
  const results = eventsOf(called).filter(({ type, name }) => type === 'tool.finished' && name === 'edit_file');
  assert.equal(results.length, 2);
  assert.ok(!JSON.stringify(results).includes('the hands ended'), JSON.stringify(results));
  assert.deepEqual(
    endOf(called).manifest?.tasks.map(({ state }) => state),
    ['merged', 'merged'],
  );
});

test('when the host is killed no agent is left within seconds, and resume ends the run', async () => {
  useModel(vtcode, server);
  const child = vtcode.start(run);
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  await new Promise<void>((resolve) => {
    once(async () => {
      child.kill('SIGKILL');
      resolve();
      return undefined;
    });
  });
  const until = Date.now() + 5_000;
  while (agents().length > 0 && Date.now() < until) await sleep(20);
  assert.deepEqual(agents(), []);
  const id = (JSON.parse(output.split('\n')[0] ?? '') as { run: string }).run;
  const resumed = await vtcode.call(['resume', id, '--json']);
  assert.equal(resumed.code, 0, resumed.stderr);
});

test('one that takes too much memory is ended, told as such, and given up after its restarts; the other task is merged', async () => {
  useModel(vtcode, server, 'openai-chat', '[limits]\nagent_memory_mb = 20\nrestarts = 1\n');
  // It is ended while it waits for its model.
  first = async (name) => (name === 'one' ? { pieces: () => ['hang'] } : undefined);
  const called = await vtcode.call(run);
  assert.equal(called.code, 1, said(called));
  const causes = eventsOf(called).filter(({ type }) => type === 'agent.crashed');
  assert.deepEqual(
    causes.map(({ cause }) => cause),
    ['memory', 'memory'],
    JSON.stringify(causes),
  );
  assert.deepEqual(
    endOf(called).manifest?.tasks.map(({ state }) => state),
    ['parked', 'merged'],
  );
});
