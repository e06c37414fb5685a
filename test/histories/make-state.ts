import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Received, type Reply, startModelServer } from '../support/model-server.ts';
import { planText, sampleFiles, sampleRepository } from '../support/sample.ts';
import { messagesOf, textOf, toolNames, useModel } from '../support/scripted-run.ts';
import { launcher, type TestVtcode, testVtcode } from '../support/vtcode.ts';

/**
 * `node test/histories/make-state.ts <folder>` makes a user's state folder with one run of every kind, and keeps the log
 * of each as `<folder>/<kind>.jsonl`. It is called with the build of the version whose state it stands for, and the
 * result is never made anew: a later vtcode must read the state of an earlier one.
 */
const folder = process.argv[2];
if (!folder?.startsWith('/')) throw new Error('say where the state is to be made, as an absolute path');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const made = testVtcode();
const environment = {
  ...made.environment,
  XDG_STATE_HOME: join(folder, 'state'),
  XDG_CONFIG_HOME: join(folder, 'config'),
  HOME: join(folder, 'home'),
};
mkdirSync(environment.HOME, { recursive: true });
const vtcode: TestVtcode = {
  ...made,
  state: join(folder, 'state', 'vtcode'),
  environment,
  call: (args, options = {}) =>
    made.call(args, { ...options, environment: { ...environment, ...options.environment } }),
  start: (args) => spawn(launcher, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] }),
};
const sample = sampleRepository({
  'agents.toml': `[limits]\nagents = 1\n\n${sampleFiles['agents.toml']}`,
  'src/more.ts': 'export function more(): number {\n  return 1;\n}\n',
});
const root = join(folder, 'repository');
cpSync(sample.root, root, { recursive: true });
sample.remove();

const runs: Record<string, string> = {};
/** Outside the range that systems give out: runs keep the address of their model, and a test answers there again. */
const modelPort = 18_976;
const server = await startModelServer(() => ({ answer: { text: 'Hello.' } }), undefined, modelPort);
type Turn = NonNullable<Reply['answer']>;
function turns(...all: Turn[]) {
  server.answerWith((request: Received) => {
    const said = messagesOf(request).filter(({ role }) => role === 'assistant').length;
    return { answer: all[said] ?? { text: 'There is nothing more to say.' } };
  });
}
function keep(kind: string, stdout: string) {
  const run = /run_[a-z0-9]+/.exec(stdout)?.[0];
  if (!run) throw new Error(`${kind}: no run in ${stdout}`);
  runs[kind] = run;
  return run;
}
async function said(kind: string, called: Promise<{ code: number | null; stdout: string; stderr: string }>) {
  const { code, stdout, stderr } = await called;
  process.stdout.write(`${kind}: exit ${code}\n`);
  if (process.env.LOUD) process.stdout.write(stdout.slice(-1500) + stderr.slice(-1500));
  return stdout;
}
/** Resolves when a process that was started has ended. */
async function closed(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await new Promise((resolve) => child.on('close', resolve));
}

async function piped(input: string, args: string[]) {
  return vtcode.call(args, { input });
}

// Plans of the embedded model.
const file = join(folder, 'plan.toml');
writeFileSync(
  file,
  planText([
    'first|fetchUser|loadUser|src/{user,page}.ts',
    'second|loadUser|readUser|src/{user,page}.ts|first',
    'narrow|dropUser|removeUser|src/more.ts',
  ]),
);
let run = keep(
  'plan-undone',
  await said('plan-undone', vtcode.call(['run', '--plan-file', file, '--json', '-C', root])),
);
await vtcode.call(['approve', run]);
await vtcode.call(['undo', run, 'second']);
run = keep(
  'plan-undoable',
  await said('plan', vtcode.call(['run', '--plan', 'rename fetchUser to loadUser', '--yes', '--json', '-C', root])),
);
keep(
  'plan-waiting',
  await said('plan-waiting', vtcode.call(['run', '--plan', 'rename fetchUser to getUser', '--json', '-C', root])),
);
keep(
  'plan-dry',
  await said(
    'plan-dry',
    vtcode.call(['run', '--plan', 'rename fetchUser to getUser', '--dry-run', '--json', '-C', root]),
  ),
);
keep(
  'plan-refused',
  await said('plan-refused', vtcode.call(['run', '--plan', 'make it better', '--json', '-C', root])),
);
run = keep(
  'plan-detached',
  await said(
    'plan-detached',
    vtcode.call([
      'run',
      '--plan',
      'rename fetchUser to loadUser',
      '--yes',
      '--detach',
      '--json',
      '--name',
      'night',
      '-C',
      root,
    ]),
  ),
);
await said('wait', vtcode.call(['wait', run]));

// Lone agents, conversations and plans of a scripted model.
useModel(vtcode, server);
const place = join(folder, 'folder');
mkdirSync(place);
writeFileSync(join(place, 'a.txt'), 'old\n');
writeFileSync(join(place, 'AGENTS.md'), 'Always say please.\n');
turns({ text: 'Let me look.', calls: [{ name: 'read_file', arguments: { path: 'a.txt' } }] }, { text: 'It says old.' });
keep('ask', await said('ask', vtcode.call(['ask', 'what does a.txt say?', '-C', place, '--json'])));
turns(
  { calls: [{ name: 'read_file', arguments: { path: 'a.txt' } }] },
  { calls: [{ name: 'edit_file', arguments: { path: 'a.txt', old_text: 'old', new_text: 'new' } }] },
  { calls: [{ name: 'run_command', arguments: { command: 'cat a.txt' } }] },
  { text: 'Done.' },
);
keep('lone', await said('lone', vtcode.call(['run', 'make a.txt say new', '-C', place, '--json'])));
turns(
  { calls: [{ name: 'read_file', arguments: { path: 'AGENTS.md' } }] },
  { calls: [{ name: 'run_command', arguments: { command: 'cat /etc/hostname' } }] },
  { calls: [{ name: 'run_command', arguments: { command: 'git push' } }] },
  { text: 'Read it.' },
);
keep('lone-tainted', await said('tainted', vtcode.call(['run', 'look around', '--auto', '-C', place, '--json'])));
turns({ calls: [{ name: 'run_command', arguments: { command: 'frobnicate --all' } }] }, { text: 'Asked.' });
/** Starts vtcode and resolves once its output holds `sign`, or it has ended. */
async function until(sign: string, args: string[]): Promise<{ child: ChildProcess; run: string }> {
  const child = vtcode.start(args);
  let out = '';
  const { promise, resolve } = Promise.withResolvers<void>();
  child.stdout?.on('data', (chunk: Buffer) => {
    out += chunk.toString();
    if (out.includes(sign)) resolve();
  });
  child.on('close', () => resolve());
  await promise;
  return { child, run: /run_[a-z0-9]+/.exec(out)?.[0] ?? '' };
}

const asking = await until('approval.requested', ['run', 'frobnicate', '--ask', '-C', place, '--json']);
keep('lone-denied', asking.run);
const { stdout: open } = await vtcode.call(['approvals', '--json']);
await said('deny', vtcode.call(['deny', (/"approval":\s*"([^"]+)"/.exec(open) ?? [])[1] ?? '', 'not', 'now']));
await closed(asking.child);
const waiting = await until('approval.requested', ['run', 'frobnicate', '--ask', '-C', place, '--json']);
keep('lone-approval-waits', waiting.run);
waiting.child.kill('SIGKILL');
await closed(waiting.child);
const delegating = (request: Received): Reply => {
  if (toolNames(request).includes('finish'))
    return { answer: { calls: [{ name: 'finish', arguments: { outcome: 'done', summary: 'It is 42.' } }] } };
  const count = messagesOf(request).filter(({ role }) => role === 'assistant').length;
  if (count === 0)
    return { answer: { calls: [{ name: 'delegate', arguments: { role: 'explorer', prompt: 'find the answer' } }] } };
  return { answer: { text: `I heard: ${textOf(messagesOf(request).at(-1)).slice(0, 60)}` } };
};
server.answerWith(delegating);
keep('lone-delegates', await said('delegates', vtcode.call(['run', 'have it found', '-C', place, '--json'])));
let failures = 0;
server.answerWith((request) =>
  failures++ < 2
    ? { status: 503, body: { error: { message: 'overloaded' } } }
    : { answer: { text: `Hello after ${messagesOf(request).length}.` } },
);
keep('lone-retried', await said('retried', vtcode.call(['run', 'say hello', '-C', place, '--json'])));
turns(...Array.from({ length: 9 }, () => ({ calls: [{ name: 'run_command', arguments: { command: 'true' } }] })));
const settings = join(folder, 'config', 'vtcode', 'agents.toml');
const plain = readFileSync(settings, 'utf8');
writeFileSync(settings, `${plain}\n[limits]\ncalls = 3\n`);
keep('lone-limited', await said('limited', vtcode.call(['run', 'go on for ever', '-C', place, '--json'])));
writeFileSync(settings, plain);
server.answerWith((request) => {
  const words = textOf(messagesOf(request).at(-1));
  if (words.startsWith('write'))
    return { answer: { calls: [{ name: 'write_file', arguments: { path: 'b.txt', content: 'b\n' } }] } };
  return { answer: { text: `I heard: ${words.split('\n')[0]}` } };
});
await said('chat', piped('one\nwrite something\n!echo mine\nthree\n', ['chat', '--auto', '-C', place]));
keep(
  'chat',
  (await vtcode.call(['list', '--all', '--json'])).stdout
    .match(/run_[a-z0-9]+/g)
    ?.find((one) => !Object.values(runs).includes(one)) ?? '',
);
turns({ calls: [{ name: 'run_command', arguments: { command: 'true' } }] }, { text: 'Once.' });
const dying = await until('tool.finished', ['run', 'be killed', '-C', place, '--json']);
dying.child.kill('SIGKILL');
keep('lone-killed', dying.run);
await closed(dying.child);
const killedPlan = await until('"merge.finished"', ['run', '--plan-file', file, '--yes', '--json', '-C', root]);
killedPlan.child.kill('SIGKILL');
keep('plan-killed', killedPlan.run);
await closed(killedPlan.child);
server.answerWith(() => ({ answer: { text: 'Bye.' } }));
await said(
  'agent start',
  vtcode.call(['agent', 'start', 'general', 'say bye', '-C', place, '--json']).then(async (called) => {
    keep('agent-detached', called.stdout);
    await vtcode.call(['wait', runs['agent-detached'] ?? '']);
    return called;
  }),
);
await vtcode.call(['supervise', '--stop']);
await server.stop();
for (const [kind, id] of Object.entries(runs)) {
  const log = await vtcode.call(['log', id, '--json']);
  const events = log.stdout
    .trim()
    .split('\n')
    .filter((line) => !line.includes('"type":"end"'));
  writeFileSync(join(folder, `${kind}.jsonl`), `${events.join('\n')}\n`);
  if (!existsSync(join(vtcode.state, 'runs', id))) throw new Error(`${kind}: ${id} is not there`);
}
writeFileSync(join(folder, 'runs.json'), `${JSON.stringify(runs, null, 2)}\n`);
process.stdout.write(`${JSON.stringify(runs)}\n`);
