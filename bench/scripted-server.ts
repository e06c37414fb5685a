import { type Received, type Reply, startModelServer } from '../test/support/model-server.ts';
import { messagesOf, textOf, toolNames } from '../test/support/scripted-run.ts';

/**
 * The model vendor of the scenarios: a process of its own on loopback, so that its work counts for no side. It answers
 * at once, in one packet, from the conversation alone. Over the line to its parent it first sends its address, then
 * answers each message with the requests since the last one (`Asked[]`).
 */
export type Asked = {
  /** On the clock that all processes of a machine share (CLOCK_MONOTONIC), in milliseconds. */
  atMs: number;
  bytes: number;
  toolsBytes: number;
  systemBytes: number;
  /** Its conversation: the words that it began with. */
  opening: string;
};

/** Pieces of a streamed answer, and the silence before each: 2 s, so that memory can be looked at meanwhile. */
const streamPieces = 40;
const streamPieceMs = 50;

const asked: Asked[] = [];
const server = await startModelServer((request) => {
  const messages = messagesOf(request);
  const opening = textOf(messages.find(({ role }) => role === 'user')).trim();
  const system = messages.filter(({ role }) => role === 'system');
  asked.push({
    atMs: Number(process.hrtime.bigint()) / 1e6,
    bytes: Buffer.byteLength(request.text),
    toolsBytes: jsonBytes(request.body.tools),
    systemBytes: system.length === 0 ? 0 : jsonBytes(system),
    opening,
  });
  server.requests.length = 0; // not needed here
  if (opening.startsWith('silent')) return { pieces: () => ['hang'] };
  const answer = answerTo(opening, messages.filter(({ role }) => role === 'assistant').length, request);
  const streams = Array.isArray(answer?.text);
  return streams ? { answer, eventDelayMs: streamPieceMs } : { answer, pieces: (events) => [events.join('')] };
});
process.send?.(server.baseUrl('openai-chat'));
process.on('message', () => process.send?.(asked.splice(0)));
process.on('disconnect', () => process.exit(0));

/** The `turn`-th answer to a goal such as `loop 50`: see scenarios.ts. */
function answerTo(goal: string, turn: number, request: Received): Reply['answer'] {
  const [verb = '', ...words] = goal.split(' ');
  const call = (name: string, given: object | ((at: number) => object), copies = 1) => ({
    calls: Array.from({ length: copies }, (_, at) => ({
      id: `call_${turn}_${at}`,
      name,
      arguments: typeof given === 'function' ? given(at) : given,
    })),
  });
  const command = call('run_command', { command: 'true' });
  if (verb === 'loop' && turn < Number(words[0])) return command;
  if (verb === 'fan' && turn === 0)
    return call(
      'delegate',
      (at) => ({ role: 'general', prompt: words.slice(1).join(' ').replace('#', `${at}`) }),
      Number(words[0]),
    );
  // So many background agents, then their hand-offs.
  if (verb === 'team' && turn === 0)
    return call(
      'agents',
      (at) => ({ action: 'start', role: 'explorer', prompt: words.slice(1).join(' ').replace('#', `${at}`) }),
      Number(words[0]),
    );
  if (verb === 'team' && turn === 1) return call('agents', { action: 'wait' });
  const edit = call('edit_file', { path: words[0], old_text: 'old', new_text: 'new' });
  if (verb === 'stream' && turn === 0) return { text: Array<string>(streamPieces).fill('A few words more. '), ...edit };
  if (verb === 'edit' && turn === 0) return call('read_file', { path: words[0] });
  if (verb === 'edit' && turn === 1) return edit;
  if (verb === 'edit' && turn === 2) return command;
  return toolNames(request).includes('finish')
    ? call('finish', { outcome: 'done', summary: 'Done.' })
    : { text: 'Done.' };
}

function jsonBytes(value: unknown): number {
  return value === undefined ? 0 : Buffer.byteLength(JSON.stringify(value));
}
