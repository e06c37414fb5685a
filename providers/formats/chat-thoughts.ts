import type { AssistantMessage } from '../../ipc/message.ts';
import type { Quirks } from '../../ipc/model.ts';
import type { Heard } from '../http/call.ts';
import type { Answer } from './answer.ts';
import { mergeDetails, textOfDetails } from './reasoning-details.ts';
import type { Part } from './turns.ts';

/**
 * Thinking in chat completions comes in fields that OpenAI's format does not have. Where a server has several, they say
 * the same. A thought goes back in the field in which it came, to the model that thought it.
 */
const textFields = ['reasoning_content', 'reasoning', 'reasoning_text', 'thinking'] as const;
/** Lists of pieces, each with what a vendor signed or encrypted. */
const listFields = ['reasoning_details', 'thinking_blocks'] as const;
/** Text without a meaning to others, beside a field of text (GitHub Copilot). */
const sealedField = 'reasoning_opaque';

export type ThoughtDelta = Partial<Record<string, unknown>>;

/** Carried with a thought: the field, and its value if that is more than the thought's text. */
type Carry = { field: string; value?: unknown; sealed?: string };

export function* thought(answer: Answer, delta: ThoughtDelta): Generator<Heard> {
  const list = listFields.find((field) => Array.isArray(delta[field]) && (delta[field] as unknown[]).length > 0);
  const field = textFields.find((name) => isThere(delta[name], name));
  const sealed = delta[sealedField];
  if (list !== undefined) {
    const open = answer.thought('details');
    const before = (open.carry as Carry | undefined)?.value as object[] | undefined;
    open.carry = { field: list, value: mergeDetails(before ?? [], delta[list] as unknown[]) } satisfies Carry;
  }
  const text = field !== undefined ? delta[field] : textOfDetails(list ? (delta[list] as unknown[]) : []);
  if (field !== undefined || text !== '' || typeof sealed === 'string') {
    const open = answer.thought(list ? 'details' : 'text');
    open.text += text as string;
    const carry = open.carry as Carry | undefined;
    if (!list)
      open.carry = { field: carry?.field ?? field ?? 'reasoning_text', ...seal(carry, sealed) } satisfies Carry;
  }
  if (text) yield { type: 'thinking.delta', text: text as string };
  else if (list !== undefined) yield { type: 'progress' };
}

/** The two usual fields must hold text; other servers use the others for other things too. */
function isThere(value: unknown, name: string): boolean {
  if (value === undefined || value === null || value === '') return false;
  return typeof value === 'string' || name.startsWith('reasoning_c') || name === 'reasoning';
}

function seal(before: Carry | undefined, sealed: unknown): { sealed?: string } {
  const both = `${before?.sealed ?? ''}${typeof sealed === 'string' ? sealed : ''}`;
  return both === '' ? {} : { sealed: both };
}

/** Thinking within the content, as parts of it (Mistral). */
export function thoughtInContent(answer: Answer, text: string): void {
  const open = answer.thought('content');
  open.text += text;
  open.carry = { field: 'content' } satisfies Carry;
}

export type SentBack = {
  /** Fields of the message. */
  fields: Record<string, unknown>;
  /** Thinking that goes back as a part of the content. */
  inContent: string;
};

/**
 * The thoughts of a message in the fields in which they came. `quirks.thinkingField` is the one for thoughts of which
 * that is not known, and for calls without a thought, which DeepSeek and Moonshot refuse; also of another vendor's model.
 */
export function thoughtsOf(
  message: AssistantMessage,
  parts: Part[],
  { thinkingField: configured }: Quirks,
  wantsOne: boolean,
): SentBack {
  const fields: Record<string, unknown> = {};
  let inContent = '';
  for (const part of parts) {
    if (part.kind !== 'thought') continue;
    const carry = carryOf(part.value);
    const field = carry.field === '' ? configured : carry.field;
    if (field === 'content') inContent += part.text;
    else if (Array.isArray(carry.value)) fields[field ?? listFields[0]] = carry.value;
    else if (field !== undefined && field !== 'reasoning_details') {
      const name = configured !== undefined && configured !== 'reasoning_details' ? configured : field;
      fields[name] = `${fields[name] ?? ''}${part.text}`;
      if (carry.sealed !== undefined) fields[sealedField] = carry.sealed;
    }
  }
  if ((wantsOne || configured === 'reasoning_content') && message.calls.length > 0) fields.reasoning_content ||= ' ';
  return { fields, inContent };
}

/** Logs of earlier versions carry the list alone, or nothing. */
function carryOf(value: unknown): Carry {
  if (Array.isArray(value)) return { field: 'reasoning_details', value };
  const carry = value as Carry | null;
  return typeof carry?.field === 'string' ? carry : { field: '' };
}
