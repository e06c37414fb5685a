// The floor of an agent: `node bare-loop.mjs <base URL> <folder> <goal> …`. No SDK, no log, no gate, no walls.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

// Not `import … from 'node:http'`, which loads undici as well.
const http = process.getBuiltinModule('http');
const agent = new http.Agent({ keepAlive: true });
const [base, folder, ...goals] = process.argv.slice(2);
const tool = (name, ...fields) => {
  const properties = Object.fromEntries(fields.map((field) => [field, { type: 'string' }]));
  const parameters = { type: 'object', properties, required: fields };
  return { type: 'function', function: { name, description: `The tool ${name}.`, parameters } };
};
const tools = [
  tool('read_file', 'path'),
  tool('edit_file', 'path', 'old_text', 'new_text'),
  tool('run_command', 'command'),
  tool('delegate', 'role', 'prompt'),
];
const acts = {
  read_file: async ({ path }) => readFileSync(join(folder, path), 'utf8'),
  async edit_file({ path, old_text, new_text }) {
    writeFileSync(join(folder, path), readFileSync(join(folder, path), 'utf8').replace(old_text, new_text));
    return 'Edited.';
  },
  run_command: ({ command }) =>
    new Promise((resolve) => {
      const child = spawn('/bin/sh', ['-c', command], { cwd: folder });
      let output = '';
      child.stdout.on('data', (chunk) => (output += chunk));
      child.on('close', (code) => resolve(`exit ${code}\n${output}`));
    }),
  delegate: ({ prompt }) => work(prompt),
};

function ask(messages) {
  const body = JSON.stringify({ model: 'big', stream: true, messages, tools });
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const request = http.request(`${base}/chat/completions`, { method: 'POST', headers, agent }, async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      const lines = text.split('\n').filter((line) => line.startsWith('data: {'));
      resolve(lines.map((line) => JSON.parse(line.slice(6)).choices[0]?.delta ?? {}));
    });
    request.on('error', reject).end(body);
  });
}

async function work(goal) {
  const messages = [{ role: 'user', content: goal }];
  for (;;) {
    const said = { role: 'assistant', content: '', tool_calls: [] };
    for (const { content, tool_calls = [] } of await ask(messages)) {
      said.content += content ?? '';
      for (const { index, function: piece, ...rest } of tool_calls) {
        if (rest.id) said.tool_calls[index] = { ...rest, function: piece };
        else said.tool_calls[index].function.arguments += piece.arguments;
      }
    }
    if (said.tool_calls.length === 0) return said.content;
    messages.push(said);
    const results = said.tool_calls.map(({ function: { name, arguments: json } }) => acts[name](JSON.parse(json)));
    for (const [at, content] of (await Promise.all(results)).entries())
      messages.push({ role: 'tool', tool_call_id: said.tool_calls[at].id, content });
  }
}

for (const answer of await Promise.all(goals.map(work))) console.log(answer);
agent.destroy();
