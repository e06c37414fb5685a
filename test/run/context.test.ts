import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { endOf, eventsOf } from '../support/called.ts';
import { startModelServer } from '../support/model-server.ts';
import { messagesOf, textOf, toolNames, useModel } from '../support/scripted-run.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

/**
 * Goal: a conversation that outgrows its model's window goes on, with the task word for word, and so does one that is
 * rebuilt from the log. Method: the real program, a model with a small window, files that fill it.
 */
const vtcode = vtcodeHere();
const goal = 'read every part, then tell the last word of each';
const parts = 12;
const server = await startModelServer((request) => {
  const messages = messagesOf(request);
  const all = messages.map(textOf).join('\n');
  sizes.push(request.text.length);
  const usage = { input: Math.ceil(request.text.length / 4) };
  if (toolNames(request).join() === 'hand_off')
    return {
      answer: {
        usage,
        calls: [
          {
            name: 'hand_off',
            arguments: {
              goal,
              done: [`read up to part ${read(all)}`],
              decisions: [],
              files: [],
              failures: [],
              next: ['the rest'],
              open_questions: [],
            },
          },
        ],
      },
    };
  const next = read(all) + 1;
  if (next > parts) return { answer: { text: `all ${parts} read`, usage } };
  const text = talk ? 'and so on '.repeat(300) : '';
  return { answer: { text, usage, calls: [{ name: 'read_file', arguments: { path: `part-${next}.txt` } }] } };
});
const sizes: number[] = [];
let talk = false;
after(() => server.stop());

/** The number of the last part that the conversation knows to be read. */
function read(all: string): number {
  const seen = [...all.matchAll(/the end of part (\d+)|read up to part (\d+)/g)].map((found) =>
    Number(found[1] ?? found[2]),
  );
  return Math.max(0, ...seen);
}

function place(): string {
  const path = mkdtempSync(join(tmpdir(), 'vtcode-context-'));
  for (let part = 1; part <= parts; part += 1)
    writeFileSync(join(path, `part-${part}.txt`), `${'lorem ipsum '.repeat(600)}\nthe end of part ${part}\n`);
  return path;
}

async function asked(contextTokens: number) {
  useModel(vtcode, server, 'openai-chat', '', contextTokens);
  sizes.length = 0;
  const called = await vtcode.call(['ask', goal, '-C', place(), '--json']);
  const events = eventsOf(called);
  assert.equal(called.code, 0, called.stderr);
  assert.equal(endOf(called).manifest?.reason, `all ${parts} read`);
  assert.ok(Math.max(...sizes) < contextTokens * 4, `no request was beyond the window: ${Math.max(...sizes)} bytes`);
  const said = messagesOf(server.requests.at(-1)!).filter(({ role }) => role === 'user');
  assert.ok(textOf(said[0]).startsWith(goal), 'the task itself is never cut');
  return { events, types: events.map(({ type }) => type) };
}

test('old tool results are cleared first, seldom and many at once, and that is enough for a silent model', async () => {
  talk = false;
  const { types } = await asked(19_000);
  const cleared = types.filter((type) => type === 'context.cleared').length;
  assert.ok(cleared >= 1 && cleared <= 3, `${cleared} times`);
  assert.ok(!types.includes('context.compacted'));
});

test('what is left too long is handed over to the agent itself by a typed tool, and it goes on from there', async () => {
  talk = true;
  const { events, types } = await asked(12_000);
  const compacted = events.filter(({ type }) => type === 'context.compacted');
  assert.ok(compacted.length >= 1, JSON.stringify(types));
  assert.match(String(compacted[0]?.text), /## done\n- read up to part \d+\n\n## next\n- the rest/);
});

test('a run that is stopped and resumed after a hand-off goes on with the shorter conversation', async () => {
  talk = true;
  useModel(vtcode, server, 'openai-chat', '[limits]\ncalls = 9\n', 12_000);
  const stopped = await vtcode.call(['ask', goal, '-C', place(), '--json']);
  assert.equal(stopped.code, 4, stopped.stderr);
  assert.ok(eventsOf(stopped).some(({ type }) => type === 'context.compacted'));
  useModel(vtcode, server, 'openai-chat', '', 12_000);
  const first = server.requests.length;
  const resumed = await vtcode.call(['resume', endOf(stopped).run ?? '', '--json']);
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.equal(endOf(resumed).manifest?.reason, `all ${parts} read`);
  const rebuilt = server.requests.slice(first).map(({ text }) => text);
  assert.ok(
    rebuilt.every((text) => text.includes('replaced by this hand-off') && !text.includes('the end of part 1\\n')),
  );
});
