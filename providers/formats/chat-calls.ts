import type { ChatCompletionChunk } from 'openai/resources/chat/completions/completions';
import type { Heard } from '../http/call.ts';
import type { Answer, OpenCall } from './answer.ts';
import { areWhole } from './arguments.ts';

export type Piece = Partial<ChatCompletionChunk.Choice.Delta.ToolCall> & {
  /** Google's server for this format signs calls here. */
  extra_content?: unknown;
};

/**
 * Puts the pieces of streamed calls together. The index says to which call a piece belongs, but servers give all calls
 * the index 0, or none; an id only with the first piece, with every piece, another with every piece, or never; and the
 * name once or again and again. A name with a new id begins a call, and so does a name after whole arguments.
 */
export function callJoiner(answer: Answer): (piece: Piece) => Generator<Heard> {
  /** The key of the call that pieces with an index belong to. */
  const current = new Map<number | 'none', number>();
  const byId = new Map<string, number>();
  let count = 0;
  let last = -1;
  return function* called(piece) {
    const { name = '', arguments: given = '' } = piece.function ?? {};
    const id = piece.id === undefined || piece.id === null ? '' : String(piece.id);
    // Ollama's arguments are parsed, and those of servers that do as it does.
    const text = typeof given === 'string' ? given : given === null ? '' : JSON.stringify(given);
    const index = piece.index ?? 'none';
    const known = (id !== '' ? byId.get(id) : undefined) ?? current.get(index) ?? (index === 'none' ? last : -1);
    const begins = known < 0 || beginsAnother(answer.call(known), id, name, text);
    const key = begins ? count++ : known;
    current.set(index, key);
    last = key;
    if (id !== '') byId.set(id, key);
    const call = answer.call(key);
    call.id ||= id;
    if (call.name === '' && name) yield { type: 'call.delta', text: name };
    call.name ||= name ?? '';
    if (piece.extra_content) call.carry = JSON.stringify(piece.extra_content);
    if (text === '') return;
    call.json += text;
    yield { type: 'call.delta', text };
  };
}

function beginsAnother(call: OpenCall, id: string, name: string | null, text: string): boolean {
  if (!name) return false;
  if (id !== '' && call.id !== '') return call.id !== id;
  return call.name !== '' && ((text !== '' && call.json !== '' && areWhole(call.json)) || name !== call.name);
}
