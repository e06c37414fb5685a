// Goal: a model that calls a tool by another agent's name is told ours once, and after that the name counts.
// Method: calls are understood for agents in states that a log folds to; no process is started.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Event, type EventBody, eventVersion } from '../../../ipc/events.ts';
import { understood } from '../../../orchestrator/tool-calls/understand.ts';
import { foldAll } from '../../../state/fold.ts';
import type { AgentState } from '../../../state/run-state.ts';
import { readHistory } from '../../support/histories.ts';

const history = readHistory(join(import.meta.dirname, '..', '..', 'histories', 'v1', 'three-tasks.jsonl'));
const working = history.slice(
  0,
  history.findIndex(({ type }) => type === 'tool.requested'),
);
const tools = ['read_file', 'run_command', 'edit_file', 'finish'];

/** The task's agent after these events. */
function agentAfter(...bodies: EventBody[]): AgentState {
  const { at, run } = working[0]!;
  const more = bodies.map((body, index) => ({ seq: working.length + 1 + index, at, run, v: eventVersion, ...body }));
  return foldAll([...working, ...(more as Event[])]).agents.get('first')!;
}

const call = (name: string, given: unknown) => ({ name, arguments: given, started: null, approval: null });
const bash = call('bash', { command: 'ls' });
const toldOf = (name: string, calledHere: string): EventBody => ({
  ...{ type: 'tool.finished', agent: 'first', call: 'c', name, calledHere, verdict: 'allowed', rule: '' },
  result: { text: '', isError: true },
});
const nextAnswer: EventBody = {
  ...{ type: 'model.finished', agent: 'first', call: 2, usage: { inputTokens: 0, outputTokens: 0, usd: 0 } },
  message: { role: 'assistant', text: '', calls: [] },
};

test('the first call under another name is answered with the same call in our words', () => {
  assert.deepEqual(understood(bash, agentAfter(), tools), {
    problem:
      'Here this tool is called run_command; its arguments: command, directory, timeout_ms, terminal, background. Nothing was done ' +
      'yet. Your call in its words: run_command {"command":"ls"} From your next answer on bash is understood as well.',
    isUnknown: false,
    calledHere: 'run_command',
  });
});

test('once told, the name counts from the next answer on, after a restart as well', () => {
  const sameAnswer = understood(bash, agentAfter(toldOf('bash', 'run_command')), tools);
  assert.ok('problem' in sameAnswer, 'another call of the answer that was told');
  const restarted: EventBody = { type: 'host.started', epoch: 9, process: '1', family: 'f', program: 'vtcode' };
  const later = understood(bash, agentAfter(toldOf('bash', 'run_command'), nextAnswer, restarted), tools);
  assert.ok('parsed' in later);
  assert.deepEqual(
    [later.open.name, later.open.arguments, later.calledHere],
    ['run_command', { command: 'ls' }, 'run_command'],
  );
});

test('our own name in another spelling counts at once', () => {
  const found = understood(call('functions.readFile', { file_path: 'a' }), agentAfter(), tools);
  assert.deepEqual('parsed' in found && [found.open.name, found.open.arguments], ['read_file', { path: 'a' }]);
});

test('a tool that the role does not have stays refused under every name, with the names that it has', () => {
  for (const name of ['bash', 'run_command'])
    assert.deepEqual(understood(call(name, { command: 'ls' }), agentAfter(), ['read_file']), {
      problem: `There is no tool ${name} for you. You have: read_file.`,
      isUnknown: true,
    });
});

test('a call that does not fit says why, and in its first answer under another name as well', () => {
  const wrong = understood(call('read_file', { path: 'a', colour: 1 }), agentAfter(), tools);
  assert.match('problem' in wrong ? wrong.problem : '', /^The arguments do not fit: there is no argument colour/);
  const both = understood(call('Bash', {}), agentAfter(), tools);
  assert.match('problem' in both ? both.problem : '', /is called run_command; .* does not fit: command is missing/);
});
