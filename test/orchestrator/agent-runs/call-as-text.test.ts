import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callAsText } from '../../../orchestrator/agent-runs/call-as-text.ts';

/**
 * Goal: a tool call that a model wrote as text is recognised in every usual form, and an answer about tool calls is not.
 * Method: a table of answers, in the forms of the makers' own chat templates.
 */
const tools = ['read_file', 'write_file', 'run_command'];
const json = '{"name": "write_file", "arguments": {"path": "c.txt", "content": "c\\n"}}';

const written: [title: string, text: string, name?: string][] = [
  ['Hermes and Qwen', `<tool_call>\n${json}\n</tool_call>`],
  ['after words', `I will write it now.\n\n<tool_call>\n${json}\n</tool_call>`],
  ['after a sentence in the same line', `I will write it now.<tool_call>${json}</tool_call>`],
  ['arguments before the name', '<tool_call>\n{"arguments": {"path": "a"}, "name": "write_file"}\n</tool_call>'],
  ['without an end', `<tool_call>\n${json}`],
  ['two in a row', `<tool_call>${json}</tool_call>\n<tool_call>${json}</tool_call>`],
  [
    'Qwen coder',
    '<tool_call>\n<function=write_file>\n<parameter=path>\nc.txt\n</parameter>\n</function>\n</tool_call>',
  ],
  [
    'Qwen coder without its frame',
    'Let me look.\n<function=read_file>\n<parameter=path>\na\n</parameter>',
    'read_file',
  ],
  ['Llama with a function tag', '<function=read_file>{"path": "a"}</function>', 'read_file'],
  ['GLM', '<tool_call>write_file\n<arg_key>path</arg_key>\n<arg_value>c.txt</arg_value>\n</tool_call>'],
  ['Anthropic', '<invoke name="write_file">\n<parameter name="path">c.txt</parameter>\n</invoke>'],
  ['Anthropic with a namespace', '<x:function_calls>\n<x:invoke name="write_file"></x:invoke>'],
  ['an older form', '<tool_use>\n  <tool_name>write_file</tool_name>\n</tool_use>'],
  ['Mistral', `[TOOL_CALLS] [${json}]`],
  ['newer Mistral', '[TOOL_CALLS]write_file[ARGS]{"path": "c.txt"}'],
  ['newer Mistral without marks', '[TOOL_CALLS]write_file{"path": "c.txt"}'],
  [
    'DeepSeek',
    '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>write_file\n```json\n{"path": "c.txt"}\n```<｜tool▁call▁end｜>',
  ],
  ['newer DeepSeek', '<｜tool▁call▁begin｜>write_file<｜tool▁sep｜>{"path": "c.txt"}<｜tool▁call▁end｜>'],
  [
    'Kimi',
    '<|tool_calls_section_begin|><|tool_call_begin|>functions.write_file:0<|tool_call_argument_begin|>{}',
    'functions.write_file:0',
  ],
  ['Granite', `<|tool_call|>[${json}]`],
  ['Phi', `<|tool_call|>${json}<|/tool_call|>`],
  ['Llama', `<|python_tag|>${json}`],
  ['Llama in Python', '<|python_tag|>write_file.call(path="c.txt")', 'write_file.call'],
  ['gpt-oss', '<|channel|>commentary to=functions.write_file <|constrain|>json<|message|>{"path": "c.txt"}<|call|>'],
  ['gpt-oss with a start', '<|start|>assistant to=functions.write_file<|channel|>commentary json<|message|>{}'],
  ['JSON alone', json],
  ['JSON alone with an unknown name', '{"name": "Bash", "arguments": {"command": "ls"}}', 'Bash'],
  ['JSON with parameters', '{"type": "function", "name": "read_file", "parameters": {"path": "a"}}', 'read_file'],
  ['JSON as the vendor has it', `{"function": ${json}}`],
  ['JSON in a block', `I write it.\n\n\`\`\`json\n${json}\n\`\`\``],
  ['JSON in an open block', `\`\`\`json\n${json}`],
  ['several in JSON', `[${json}, ${json}]`],
  ['tags in a block', `\`\`\`xml\n<tool_call>\n${json}\n</tool_call>\n\`\`\``],
  ['ReAct', 'Thought: I need to see it.\nAction: read_file\nAction Input: {"path": "a"}', 'read_file'],
  ['ReAct in bold', '**Action:** run_command\n**Action Input:** ls', 'run_command'],
];

for (const [title, text, name = 'write_file'] of written)
  test(`a call as text: ${title}`, () => assert.equal(callAsText(text, tools)?.name, name));

const spoken: [title: string, text: string][] = [
  ['nothing', ''],
  ['last words', 'I wrote c.txt and ran the tests: 4 passed.'],
  ['a sentence about a tag', 'The model wrote `<tool_call>{"name": "write_file"}` as text, so nothing was run.'],
  ['a tag without code marks in a sentence', 'The parser looks for <tool_call> and </tool_call> in the text.'],
  ['a tag without code marks at the beginning', '<tool_call> tags frame the calls of this model.'],
  ['a quotation', `It answered:\n> <tool_call>\n> ${json}\n> </tool_call>\nand stopped.`],
  [
    'an example in the middle',
    `A call looks so:\n\n\`\`\`\n<tool_call>\n${json}\n</tool_call>\n\`\`\`\n\nThe server parses it.`,
  ],
  [
    'an example for no tool of ours at the end',
    'Like this:\n```json\n{"name": "get_weather", "arguments": {"city": "Rom"}}\n```',
  ],
  [
    'a long explanation that ends with an example',
    `${'The format has a name and arguments, which the server reads. '.repeat(8)}\n\`\`\`json\n${json}\n\`\`\``,
  ],
  ['a package file', '{"name": "vtcode", "version": "0.1.0", "dependencies": {"zod": "4"}}'],
  ['data with a name', '[{"name": "Ada", "input": "x"}, {"name": "Bob", "input": "y"}]'],
  ['an action in prose', 'Action: none is needed. The tests pass.'],
  ['a diff', '```diff\n-<function=old>\n+<function=new>\n```\nThat is all.'],
  ['a function in JSX', 'Use `<Invoke name="x" />` in the page.'],
];

for (const [title, text] of spoken) test(`no call: ${title}`, () => assert.equal(callAsText(text, tools), null));
