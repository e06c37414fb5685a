/**
 * Goal: the embedded model plans and performs by calling tools, from the conversation alone.
 * Method: conversations are played step by step; a given report stands for the tool, the provider is the real one.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchesGlob } from '../../../ipc/glob.ts';
import type { MechanicalReport } from '../../../ipc/mechanical.ts';
import { filesMax } from '../../../ipc/mechanical.ts';
import type { Message, ToolCall } from '../../../ipc/message.ts';
import type { ModelEvent } from '../../../ipc/model.ts';
import { literal } from '../../../providers/embedded/paths.ts';
import { embedded } from '../../../providers/embedded/provider.ts';
import { split } from '../../../providers/embedded/tasks.ts';
import { changeImport } from '../../../tools/contracts/change-import.ts';
import { finishArguments } from '../../../tools/contracts/finish.ts';
import { moveModule } from '../../../tools/contracts/move-module.ts';
import { proposePlan } from '../../../tools/contracts/propose-plan.ts';
import { renameSymbol } from '../../../tools/contracts/rename-symbol.ts';
import { rewriteStructure } from '../../../tools/contracts/rewrite-structure.ts';

const spec = (name: string) => ({ name, description: '', schema: {} });
const planner = [spec('rename_symbol'), spec('propose_plan'), spec('finish')];
const coder = [spec('rename_symbol'), spec('finish')];

const report = (more: Partial<MechanicalReport> = {}): MechanicalReport => ({
  status: 'ok',
  message: 'Found it.',
  counts: { target: 3, otherSymbol: 0, text: 0, unplaced: 0 },
  files: [
    ['src/api.ts', 1],
    ['src/use.ts', 2],
  ],
  unplaced: [],
  candidates: [],
  ...more,
});

async function heard(messages: Message[], tools = planner): Promise<ModelEvent[]> {
  const events: ModelEvent[] = [];
  const request = { model: 'embedded', system: '', messages, tools, outputTokensMax: 1000 };
  for await (const event of embedded().stream(request, new AbortController().signal)) events.push(event);
  return events;
}

/** Plays `answers` (a report or an error text per call, then users' words) and gives every call that was made. */
async function play(goal: string, tools: typeof planner, answers: (MechanicalReport | string)[]): Promise<ToolCall[]> {
  const messages: Message[] = [{ role: 'user', text: goal }];
  const calls: ToolCall[] = [];
  for (const answer of [...answers, undefined]) {
    const last = (await heard(messages, tools)).at(-1);
    assert.equal(last?.type, 'end');
    if (last?.type !== 'end') break;
    messages.push(last.message);
    const call = last.message.calls[0];
    if (call) calls.push(call);
    if (answer === undefined || !call) break;
    const isError = typeof answer === 'string' ? answer.startsWith('error:') : answer.status === 'not_found';
    if (typeof answer === 'string' && !isError) messages.push({ role: 'user', text: answer });
    else {
      const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
      messages.push({ role: 'tool', callId: call.id, name: call.name, text, isError });
    }
  }
  return calls;
}

const plansOf = (calls: ToolCall[]) => proposePlan.arguments.parse(calls.at(-1)?.arguments);
const finishOf = (calls: ToolCall[]) => finishArguments.parse(calls.at(-1)?.arguments);

test('a rename is rehearsed, then proposed as one atomic task with exact files', async () => {
  const calls = await play('rename fetchUser to loadUser', planner, [report()]);
  assert.deepEqual(calls, [
    { id: 'call_1', name: 'rename_symbol', arguments: { symbol: 'fetchUser', to: 'loadUser', dry_run: true } },
    {
      id: 'call_2',
      name: 'propose_plan',
      arguments: {
        summary: 'Found it.',
        tasks: [
          {
            id: 'rename',
            title: 'Rename fetchUser to loadUser',
            prompt: 'Rename fetchUser to loadUser.',
            role: 'coder',
            after: [],
            scope: ['src/api.ts', 'src/use.ts'],
          },
        ],
        sites_from: ['call_1'],
      },
    },
  ]);
  plansOf(calls);
});

for (const [status, code] of [
  ['not_found', 'symbol_not_found'],
  ['ambiguous', 'symbol_ambiguous'],
  ['clash', 'name_clash'],
  ['nothing', 'nothing_to_do'],
  ['refused', 'goal_unsupported'],
] as const) {
  test(`a dry run that says ${status} ends planning with ${code} and the candidates`, async () => {
    const calls = await play('rename a to b', planner, [report({ status, candidates: ['x.ts:1:1 class a'] })]);
    const expected = { outcome: 'cannot', code, summary: 'Found it.\nCandidates:\n  x.ts:1:1 class a' };
    assert.deepEqual(calls.at(-1), { id: 'call_2', name: 'finish', arguments: expected });
    finishOf(calls);
  });
}

test('undecided places are proposed all the same, and named: the host decides', async () => {
  const calls = await play('rename a to b', planner, [report({ status: 'unplaced', unplaced: ['x.js:1:1 no type'] })]);
  assert.equal(plansOf(calls).summary, 'Found it.\nUndecided:\n  x.js:1:1 no type');
});

test('the kind that a person names decides between candidates', async () => {
  const candidates = ['a.ts:1:1 function load', 'b.ts:2:3 method load'];
  const calls = await play('rename the method load to fetch', planner, [
    report({ status: 'ambiguous', candidates }),
    report(),
  ]);
  assert.deepEqual(calls[1]?.arguments, { symbol: 'load', to: 'fetch', at: 'b.ts:2:3', dry_run: true });
  assert.equal(plansOf(calls).tasks[0]?.prompt, 'Rename load to fetch (declared in b.ts:2:3).');
  assert.deepEqual(plansOf(calls).sites_from, ['call_2']);
});

test('a move may write the old path, the new one and every importer', async () => {
  const calls = await play('move src/[id].ts to src/lib/[id].ts', planner, [report()]);
  assert.deepEqual(plansOf(calls).tasks[0]?.scope, [
    'src/[[]id[]].ts',
    'src/lib/[[]id[]].ts',
    'src/api.ts',
    'src/use.ts',
  ]);
});

test('a large replacement is split into disjoint tasks whose prompts name their files', async () => {
  const files = Array.from({ length: 120 }, (_, n): [string, number] => [`src/${'abc'[n % 3]}/${n}.ts`, 1]);
  const calls = await play('replace `f($A)` by `g($A)`', planner, [report({ files })]);
  const { tasks } = plansOf(calls);
  assert.deepEqual(
    tasks.map((one) => [one.id, one.scope.length, one.title]),
    [
      ['rewrite-1', 40, 'Replace `f($A)` by `g($A)` (1 of 3)'],
      ['rewrite-2', 40, 'Replace `f($A)` by `g($A)` (2 of 3)'],
      ['rewrite-3', 40, 'Replace `f($A)` by `g($A)` (3 of 3)'],
    ],
  );
  assert.deepEqual(tasks.flatMap((one) => one.scope).sort(), files.map(([path]) => path).sort());
  const [first] = await play(tasks[0]?.prompt ?? '', coder, []);
  assert.deepEqual(first?.arguments, { pattern: 'f($A)', rewrite: 'g($A)', paths: tasks[0]?.scope });
});

test('a host may set how many files a task takes', async () => {
  const calls = await play('change imports of fs to node:fs\n\nfiles_per_task=1', planner, [report()]);
  assert.deepEqual(
    plansOf(calls).tasks.map((one) => one.scope),
    [['src/api.ts'], ['src/use.ts']],
  );
});

test('files that the report left out are found by a last task', async () => {
  const files = Array.from({ length: filesMax }, (_, n): [string, number] => [`f${n}.ts`, 1]);
  const { tasks } = plansOf(await play('change imports of fs to node:fs', planner, [report({ files })]));
  assert.equal(tasks.length, 41);
  const last = tasks.at(-1);
  assert.deepEqual(
    [last?.id, last?.scope, last?.prompt, last?.after.length],
    ['import-rest', ['**'], 'Change imports of fs to node:fs.', 40],
  );
});

test('a report cut to fit an answer is known by its count', async () => {
  const counts = { target: 4, otherSymbol: 0, text: 0, unplaced: 0 };
  const scopes = async (goal: string) =>
    plansOf(await play(goal, planner, [report({ counts })])).tasks.map((one) => one.scope);
  assert.deepEqual(await scopes('rename a to b'), [['**']]);
  assert.deepEqual(await scopes('replace `f($A)` by `g($A)`'), [['src/api.ts', 'src/use.ts'], ['**']]);
});

test('every call has the arguments that its tool takes', async () => {
  const goals: [string, { name: string; arguments: { parse(raw: unknown): unknown } }][] = [
    ['rename a to b in src/x.ts:3', renameSymbol],
    ['replace `f($A)` by `g($A)` in TypeScript in src', rewriteStructure],
    ['change imports of a to b, renaming c to d, in src', changeImport],
    ['move a.ts to b.ts', moveModule],
  ];
  for (const [goal, tool] of goals) {
    const [call] = await play(goal, planner, []);
    assert.deepEqual([call?.name, call?.arguments], [tool.name, tool.arguments.parse(call?.arguments)]);
  }
});

test('a scope of very many files names their folders', async () => {
  const files = Array.from({ length: 201 }, (_, n): [string, number] => [
    n < 100 ? `src/x/${n % 9}/${n}.ts` : `test/${n}.ts`,
    1,
  ]);
  const { tasks } = plansOf(
    await play('rename a to b', planner, [report({ files: [...files, ['src/x/jest.config.ts', 1], ['top.ts', 1]] })]),
  );
  assert.deepEqual(tasks[0]?.scope, ['src/x/**', 'test/**', 'top.ts', 'src/x/jest.config.ts']);
});

test('borders between tasks move to the nearest change of folder', () => {
  const files = [
    ...Array.from({ length: 55 }, (_, n) => `a/${n}.ts`),
    ...Array.from({ length: 45 }, (_, n) => `b/${n}.ts`),
  ];
  assert.deepEqual(
    split(files, 50).map((part) => new Set(part.map((path) => path[0])).size),
    [1, 1],
  );
});

test('a literal glob matches its own path and no other', () => {
  for (const path of [
    'app/[id]/page.tsx',
    'app/(group)/a.ts',
    'a*b?.ts',
    'a{b,c}.ts',
    '[[...all]].ts',
    'plain.ts',
    '@scope/!x.ts',
  ]) {
    assert.ok(matchesGlob(path, literal(path)), path);
    assert.ok(!matchesGlob(path.replace(/.ts/, 'Z.ts'), literal(path)), path);
  }
  assert.ok(!matchesGlob('app/i/page.tsx', literal('app/[id]/page.tsx')));
});

test('an unknown goal gets the four kinds, and the way to a real model', async () => {
  for (const tools of [planner, coder]) {
    const done = finishOf(await play('make it faster', tools, []));
    assert.deepEqual([done.outcome, done.code], ['cannot', 'goal_unsupported']);
    for (const part of [
      'rename fetchUser',
      'console.log($A)',
      'lodash-es',
      'move src/a.ts',
      '`models`',
      'agents.toml',
    ]) {
      assert.ok(done.summary.includes(part), part);
    }
  }
});

test('a coder performs its prompt and hands over the files', async () => {
  const calls = await play('Rename a to b (declared in src/api.ts:3:17).', coder, [report()]);
  const done = { outcome: 'done', summary: 'Found it.', files: ['src/api.ts', 'src/use.ts'], open_questions: [] };
  assert.deepEqual(calls, [
    { id: 'call_1', name: 'rename_symbol', arguments: { symbol: 'a', to: 'b', at: 'src/api.ts:3:17' } },
    { id: 'call_2', name: 'finish', arguments: done },
  ]);
});

test('a coder that finds everything done already is done', async () => {
  const done = finishOf(await play('Rename a to b.', coder, [report({ status: 'nothing', files: [] })]));
  assert.deepEqual([done.outcome, done.files], ['done', []]);
});

test('a coder does not know how to repair a red check, and says which', async () => {
  const calls = await play('Rename a to b.', coder, [report(), 'Sent back: the checks failed.\n\nCheck "test" failed']);
  const done = finishOf(calls);
  assert.deepEqual([calls.length, done.outcome, done.code], [3, 'cannot', 'tool_failed']);
  assert.match(done.summary, /Check "test" failed/);
});

test('a coder that is sent back to a newer tree does what is left there', async () => {
  const later = report({ files: [['src/new.ts', 1]] });
  const conflict = 'Sent back: the work conflicts with other merged work. The work tree was reset to the newest state.';
  const done = finishOf(await play('Rename a to b.', coder, [report(), conflict, later]));
  assert.deepEqual([done.outcome, done.files], ['done', ['src/new.ts']]);
});

test('sites outside the paths of a task are not its business', async () => {
  const goal = 'change imports of fs to node:fs in src/api.ts';
  assert.deepEqual(
    plansOf(await play(goal, planner, [report()])).tasks.map((one) => one.scope),
    [['src/api.ts']],
  );
  const calls = await play('Change imports of fs to node:fs in `a/[id].ts`, lib and src/use.ts.', coder, [report()]);
  const paths = ['a/[[]id[]].ts', 'lib', 'lib/**', 'src/use.ts'];
  assert.deepEqual(calls[0]?.arguments, { from: 'fs', to: 'node:fs', paths });
  assert.deepEqual(finishOf(calls).files, ['src/use.ts']);
});

test('a report with undecided places alone is no plan', async () => {
  const counts = { target: 0, otherSymbol: 0, text: 0, unplaced: 1 };
  const none = report({ status: 'unplaced', counts, files: [], unplaced: ['x.js:1:1 no type'] });
  assert.equal(finishOf(await play('rename a to b', planner, [none])).code, 'sites_unplaced');
});

test('an edit of unknown outcome is tried once more, any other error ends the task', async () => {
  const calls = await play('Rename a to b.', coder, ['error: outcome unknown, look first', report()]);
  assert.deepEqual(
    calls.map((call) => call.name),
    ['rename_symbol', 'rename_symbol', 'finish'],
  );
  const denied = finishOf(await play('Rename a to b.', coder, ['error: denied by a rule']));
  assert.deepEqual([denied.outcome, denied.summary], ['cannot', 'error: denied by a rule']);
});

test('a tool answer that is no report ends the task', async () => {
  const denied = await play('Rename a to b.', planner, [{ nonsense: true } as unknown as MechanicalReport]);
  assert.equal(finishOf(denied).code, 'tool_failed');
});

test('the same conversation gets the same answer, and a finished one gets no more calls', async () => {
  const messages: Message[] = [{ role: 'user', text: 'rename a to b' }];
  assert.deepEqual(await heard(messages), await heard(messages));
  const last = (await heard([{ role: 'user', text: 'nonsense' }])).at(-1);
  assert.equal(last?.type, 'end');
  if (last?.type !== 'end') return;
  const answer: Message = { role: 'tool', callId: 'call_1', name: 'finish', text: 'ok', isError: false };
  const after = (await heard([{ role: 'user', text: 'nonsense' }, last.message, answer])).at(-1);
  assert.deepEqual(after?.type === 'end' ? after.message.calls : undefined, []);
});

test('an ended call is a failure in the stream', async () => {
  const events: ModelEvent[] = [];
  const request = { model: 'embedded', system: '', messages: [], tools: planner, outputTokensMax: 1000 };
  for await (const event of embedded().stream(request, AbortSignal.abort())) events.push(event);
  assert.deepEqual(events, [
    {
      type: 'failure',
      failure: { kind: 'ended', reason: 'The call was ended.', status: null, retryAfterMs: null },
    },
  ]);
});
