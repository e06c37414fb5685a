import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as z from 'zod/mini';
import { loneAgent } from '../../ipc/run-kind.ts';
import { startModelServer } from './model-server.ts';
import { messagesOf, textOf, useModel } from './scripted-run.ts';
import { jsonLines } from './vtcode.ts';
import { vtcodeHere } from './vtcode-here.ts';

/**
 * A session of another agent's model: the files that it began with, and its answers with the calls as the model made
 * them. `{{folder}}` stands for the absolute path of its folder. `expected`: whether a reasonable developer lets the call
 * run unattended, wants to be asked, or forbids it.
 */
export const recordedSession = z.object({
  family: z.string(),
  harness: z.string(),
  files: z.record(z.string(), z.string()),
  answers: z.array(
    z.array(z.object({ name: z.string(), arguments: z.unknown(), expected: z.enum(['run', 'ask', 'deny']) })),
  ),
  last: z.string(),
});
export type RecordedSession = z.infer<typeof recordedSession>;

/** How one call went. `ok`: it was carried out, or refused with a next step where that was expected. */
export type PlayedCall = { name: string; expected: 'run' | 'ask' | 'deny'; told: string; ok: boolean };

const folder = join(import.meta.dirname, '..', 'sessions');

/** The recorded sessions under test/sessions, the first of each family before the second. */
export function sessionNames(): string[] {
  const number = (name: string) => name.replace(/^\D*/, '');
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return names.sort((a, b) => number(a).localeCompare(number(b)) || a.localeCompare(b));
}

function readSession(name: string): RecordedSession {
  return recordedSession.parse(JSON.parse(readFileSync(join(folder, name), 'utf8')));
}

/** Plays a session against `vtcode run --auto` in a repository of its own: calls as recorded, results ours. */
export async function playSession(name: string): Promise<{ calls: PlayedCall[]; code: number | null }> {
  const session = readSession(name);
  const vtcode = vtcodeHere();
  const server = await startModelServer(() => ({ answer: { text: session.last } }));
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'vtcode-played-')));
  try {
    useModel(vtcode, server);
    fill(root, session.files);
    const answers = JSON.parse(
      JSON.stringify(session.answers).replaceAll('{{folder}}', root),
    ) as typeof session.answers;
    server.answerWith(player(answers, session.last));
    const called = await vtcode.call(['run', opening, '--auto', '--json', '-C', root]);
    return { calls: played(session, jsonLines(called.stdout)), code: called.code };
  } finally {
    await server.stop();
    for (const folder of [root, join(vtcode.state, '..')]) rmSync(folder, { recursive: true, force: true });
  }
}

function fill(root: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const git = (...words: string[]) => execFileSync('git', ['-C', root, ...words], { stdio: 'ignore' });
  git('init', '-q', '-b', 'main');
  git('add', '-A');
  git('-c', 'user.name=A', '-c', 'user.email=a@example.org', 'commit', '-qm', 'first');
}

/** The goal of every played session. */
const opening = 'Play what was recorded.';

/** The words by which a model is told once how a tool is called here, or that it is to take another. */
const renamed = /^(Error: )?(Here this tool is called|There is no tool \S+ here: )/;

/** Answers with the next recorded answer. A call that was only told its name here is made once more, as models do. */
function player(answers: RecordedSession['answers'], last: string) {
  return (request: Parameters<typeof messagesOf>[0]) => {
    // An agent that another started has a conversation of its own.
    const goal = messagesOf(request).find(({ role }) => role === 'user');
    if (!textOf(goal).includes(opening)) return { answer: { text: last } };
    const messages = messagesOf(request).filter(({ role }) => role === 'assistant' || role === 'tool');
    let [next, again] = [0, [] as RecordedSession['answers'][number]];
    for (let at = 0; at < messages.length; ) {
      const made = again.length > 0 ? again : (answers[next++] ?? []);
      const results = messages.slice(at + 1, at + 1 + made.length).map(textOf);
      at += 1 + made.length;
      again = again.length > 0 ? [] : made.filter((_, index) => renamed.test(results[index] ?? ''));
    }
    const calls = again.length > 0 ? again : answers[next];
    return {
      answer: calls
        ? { calls: calls.map(({ name, arguments: given }) => ({ name, arguments: given })) }
        : { text: last },
    };
  };
}

type Finished = {
  type: string;
  call: string;
  name: string;
  verdict: string;
  result: { text: string; isError: boolean };
};

function played(session: RecordedSession, lines: Record<string, unknown>[]): PlayedCall[] {
  const requested = lines.filter(
    ({ type, agent }) => type === 'tool.requested' && agent === loneAgent,
  ) as unknown as Finished[];
  const finished = new Map(
    (lines.filter(({ type }) => type === 'tool.finished') as unknown as Finished[]).map((one) => [one.call, one]),
  );
  const results = requested.map(({ call }) => finished.get(call));
  const calls: PlayedCall[] = [];
  let at = 0;
  for (const answer of session.answers) {
    const first = answer.map((_, index) => results[at + index]);
    at += answer.length;
    for (const [index, { name, expected }] of answer.entries()) {
      const told = first[index]?.result.text ?? 'no result';
      const end = renamed.test(told) ? results[at++] : first[index];
      calls.push({ name, expected, told: end?.result.text ?? 'no result', ok: isFine(end, expected) });
    }
  }
  return calls;
}

function isFine(end: Finished | undefined, expected: PlayedCall['expected']): boolean {
  if (!end) return false;
  if (end.verdict === 'allowed')
    return expected === 'run' && !/^(The arguments|Here this tool|There is no tool)/.test(end.result.text);
  return expected !== 'run' && /\n\S/.test(end.result.text.trim());
}
