/**
 * Finds a tool call that a model wrote as text: its server has no parser for the model's own form of calls, or the
 * model took a form from its training. Without this, such an answer looks like last words. Pure.
 *
 * Marked forms (special tokens and tags) are calls wherever they begin a line or sentence outside code; forms that also occur in
 * ordinary answers (JSON, ReAct) only where the answer ends with them, says little else and names a tool.
 */
export type WrittenCall = { dialect: string; name: string };

/** `tools`: the names that the agent may call. Null: the text holds no call. */
export function callAsText(text: string, tools: string[]): WrittenCall | null {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  const bare = withoutCode(trimmed);
  return marked(bare) ?? lastThing(trimmed, bare, tools);
}

const name = '["\'`]?([A-Za-z_][\\w.:-]*)["\'`]?';
/** A line or a sentence begins. */
const begins = '(?:^ {0,3}|\\n {0,3}|[.!?:…] {0,2})';

/** Forms that no prose has: the first group is the tool's name. */
const markedForms: [dialect: string, form: RegExp][] = [
  // Hermes, Qwen, GLM: JSON, a name with arguments below it, or <function=…> inside.
  ['<tool_call>', at(`<tool_call>\\s*\\{[\\s\\S]{0,4000}?"name"\\s*:\\s*${name}`)],
  ['<tool_call>', at(`<tool_call>\\s*<function=${name}`)],
  ['<tool_call>', at(`<tool_call>\\s*${name}\\s*\\n\\s*<arg_key>`)],
  ['<function=…>', at(`<function=${name}\\s*>`)],
  ['<function_call>', at(`<function_?calls?>\\s*\\{[\\s\\S]{0,4000}?"name"\\s*:\\s*${name}`)],
  // Anthropic's own form, with and without a namespace.
  ['<invoke>', at(`<(?:[\\w-]+:)?invoke\\s+name=${name}`)],
  ['<tool_use>', at(`<tool_use>\\s*<(?:tool_)?name>\\s*${name}`)],
  // Mistral, before and after its version 11.
  ['[TOOL_CALLS]', at(`\\[TOOL_CALLS\\]\\s*\\[?\\s*\\{[\\s\\S]{0,4000}?"name"\\s*:\\s*${name}`)],
  ['[TOOL_CALLS]', at(`\\[TOOL_CALLS\\]\\s*${name}\\s*(?:\\[ARGS\\]|\\[CALL_ID\\]|\\{)`)],
  // DeepSeek: full-width bars and a low line of its own.
  [
    '<｜tool▁call▁begin｜>',
    at(
      `(?:<[｜|]tool[▁_]calls[▁_]begin[｜|]>\\s*)?<[｜|]tool[▁_]call[▁_]begin[｜|]>\\s*(?:function\\s*<[｜|]tool[▁_]sep[｜|]>\\s*)?${name}`,
    ),
  ],
  // Kimi, Granite and Phi.
  ['<|tool_call_begin|>', at(`(?:<\\|tool_calls_section_begin\\|>\\s*)?<\\|tool_call_begin\\|>\\s*${name}`)],
  ['<|tool_call|>', at(`<\\|tool_calls?\\|>\\s*\\[?\\s*(?:\\{[\\s\\S]{0,4000}?"name"\\s*:\\s*)?${name}`)],
  // Llama: JSON or a Python call.
  ['<|python_tag|>', at(`<\\|python_tag\\|>\\s*(?:\\{[\\s\\S]{0,4000}?"name"\\s*:\\s*)?${name}`)],
  // The channels of gpt-oss.
  ['<|channel|>', /<\|channel\|>\s*(?:commentary|analysis)\s+to=(?:functions\.)?([A-Za-z_][\w.-]*)/],
  ['<|channel|>', /<\|start\|>\s*assistant\s+to=(?:functions\.)?([A-Za-z_][\w.-]*)/],
];

function at(form: string): RegExp {
  return new RegExp(`${begins}(?:<\\|im_start\\|>assistant\\s*)?${form}`);
}

function marked(bare: string): WrittenCall | null {
  for (const [dialect, form] of markedForms) {
    const found = form.exec(bare);
    if (found) return { dialect, name: found[1] ?? '' };
  }
  return null;
}

/** How much an answer may say beside a call in a form that ordinary answers have too, in characters. */
const besideMax = 400;

/** A call with which the answer ends, in a form that could also be an example. */
function lastThing(whole: string, bare: string, tools: string[]): WrittenCall | null {
  const fence = /(?:^|\n)[ \t]*(```|~~~)([\w-]*)[ \t]*\n((?:(?!\n[ \t]*\1)[\s\S])*)(?:\n[ \t]*\1)?[ \t]*$/.exec(whole);
  const beside = fence ? whole.slice(0, fence.index) : '';
  if (beside.length > besideMax) return null;
  const inner = (fence?.[3] ?? whole).trim();
  const found = (fence && marked(inner)) || jsonCall(inner) || (fence ? null : reAct(bare));
  if (!found) return null;
  // An answer of nothing but JSON in the form of a call is one, whichever name it has.
  const isAlone = beside.trim() === '' && inner.startsWith('{') && found.dialect === 'JSON';
  return isAlone || tools.includes(found.name) ? found : null;
}

/** One or several objects with a name and arguments, as whole text. */
function jsonCall(text: string): WrittenCall | null {
  if (!/^[[{]/.test(text)) return null;
  const parsed = parsedOrNull(text) ?? parsedOrNull(text.split('\n')[0] ?? '');
  const first: unknown = Array.isArray(parsed) ? parsed[0] : parsed;
  if (typeof first !== 'object' || first === null) return null;
  const { function: inside, ...outside } = first as Record<string, unknown>;
  const call = (typeof inside === 'object' && inside !== null ? inside : outside) as Record<string, unknown>;
  const called = call.name ?? call.tool ?? call.tool_name ?? (typeof inside === 'string' ? inside : undefined);
  const given = call.arguments ?? call.parameters ?? call.args ?? call.input ?? call.tool_input;
  const isCall = typeof called === 'string' && (typeof given === 'object' || typeof given === 'string');
  return isCall && given !== null ? { dialect: 'JSON', name: called } : null;
}

function parsedOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** `Action:` with `Action Input:` below it, as the end of the text. */
function reAct(text: string): WrittenCall | null {
  const found = /(?:^|\n)[ \t]*\**Action\**:\**[ \t]*`?([A-Za-z_][\w.-]*)`?[ \t]*\n\s*\**Action[ _]Input\**:/.exec(
    text,
  );
  return found && found.index <= besideMax ? { dialect: 'Action:', name: found[1] ?? '' } : null;
}

/** The text without the parts that quote: fenced blocks, inline code and quoted lines. */
function withoutCode(text: string): string {
  return text
    .replace(/(^|\n)[ \t]*(```|~~~)[\s\S]*?(?:\n[ \t]*\2[ \t]*(?=\n|$)|$)/g, '$1')
    .replace(/(^|\n)[ \t]*>[^\n]*/g, '$1')
    .replace(/`[^`\n]+`/g, '');
}
