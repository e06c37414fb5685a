// A language server for the tests, outside our own code: a word means the same everywhere, but nothing behind a `#`.
const open = new Map();
let input = Buffer.alloc(0);
process.stdin.on('data', (chunk) => {
  input = Buffer.concat([input, chunk]);
  for (;;) {
    const header = input.indexOf('\r\n\r\n');
    const length = /Content-Length: (\d+)/.exec(input.toString('latin1', 0, Math.max(header, 0)))?.[1];
    if (header < 0 || input.length < header + 4 + Number(length)) return;
    const message = JSON.parse(input.toString('utf8', header + 4, header + 4 + Number(length)));
    input = input.subarray(header + 4 + Number(length));
    if (message.method === 'exit') process.exit(0);
    if (message.method === 'textDocument/didOpen')
      open.set(message.params.textDocument.uri, message.params.textDocument.text);
    if (message.id !== undefined && message.method) answer(message);
  }
});

function answer({ id, method, params }) {
  const result = {
    initialize: () => ({ capabilities: {} }),
    'workspace/symbol': symbols,
    'textDocument/rename': rename,
    'textDocument/definition': () => [],
  }[method];
  const body = JSON.stringify({ jsonrpc: '2.0', id, result: result?.(params) ?? null });
  process.stdout.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

function places(word) {
  return [...open].flatMap(([uri, text]) =>
    text.split('\n').flatMap((line, number) =>
      [...line.replace(/#.*/, '').matchAll(new RegExp(`\\b${word}\\b`, 'g'))].map(({ index }) => ({
        uri,
        range: { start: { line: number, character: index }, end: { line: number, character: index + word.length } },
        declares: line.startsWith('def '),
      })),
    ),
  );
}

function symbols({ query }) {
  return places(query)
    .filter(({ declares }) => declares)
    .map((location) => ({ name: query, kind: 12, location }));
}

function rename({ textDocument, position, newName }) {
  const line = open.get(textDocument.uri).split('\n')[position.line];
  const [word] = /^\w+/.exec(line.slice(position.character));
  const changes = {};
  for (const { uri, range } of places(word)) {
    changes[uri] ??= [];
    changes[uri].push({ range, newText: newName });
  }
  return { changes };
}
