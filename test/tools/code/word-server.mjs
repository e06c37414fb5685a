// A language server for the tests, outside our own code: a word means the same everywhere, but nothing behind a `#`, and
// nothing behind a `?` of its line or in a string. It finds an error at every word `broken`. With `--sends` it sends errors by itself.
const open = new Map();
const sends = process.argv.includes('--sends');
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
    if (message.method === 'textDocument/didOpen') shown(message.params.textDocument, message.params.textDocument.text);
    if (message.method === 'textDocument/didChange') {
      shown(message.params.textDocument, message.params.contentChanges[0].text);
    }
    if (message.id !== undefined && message.method) answer(message);
  }
});

function shown({ uri, version }, text) {
  open.set(uri, text);
  if (sends) tell({ method: 'textDocument/publishDiagnostics', params: { uri, version, diagnostics: errors(uri) } });
}

function tell(message) {
  const body = JSON.stringify({ jsonrpc: '2.0', ...message });
  process.stdout.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

function answer({ id, method, params }) {
  const result = {
    initialize: () => ({ capabilities: {} }),
    'textDocument/documentSymbol': symbols,
    'textDocument/rename': rename,
    'textDocument/definition': definition,
    'textDocument/diagnostic': ({ textDocument }) => ({ kind: 'full', items: errors(textDocument.uri) }),
  }[method];
  const isRefused = sends && method === 'textDocument/diagnostic';
  tell(
    isRefused ? { id, error: { code: -32601, message: 'no such method' } } : { id, result: result?.(params) ?? null },
  );
}

const errors = (uri) =>
  places('broken')
    .filter((one) => one.uri === uri)
    .map(({ range }) => ({ range, severity: 1, message: 'broken is broken' }));

function places(word) {
  return [...open].flatMap(([uri, text]) =>
    text.split('\n').flatMap((line, number) =>
      [...code(line).matchAll(new RegExp(`\\b${word}\\b`, 'g'))].map(({ index }) => ({
        uri,
        range: { start: { line: number, character: index }, end: { line: number, character: index + word.length } },
        declares: line.startsWith(`def ${word}`),
      })),
    ),
  );
}

function code(line) {
  const blank = (text) => ' '.repeat(text.length);
  return line.replace(/"[^"]*"/g, blank).replace(/[#?].*/, blank);
}

function symbols({ textDocument }) {
  const names = new Set([...open.get(textDocument.uri).matchAll(/^def (\w+)/gm)].map(([, name]) => name));
  return [...names].flatMap((name) =>
    places(name)
      .filter(({ uri, declares }) => declares && uri === textDocument.uri)
      .map(({ range }) => ({ name, kind: 12, range, selectionRange: range })),
  );
}

function wordAt({ textDocument, position }) {
  return /^\w+/.exec(code(open.get(textDocument.uri).split('\n')[position.line]).slice(position.character))?.[0];
}

function definition(params) {
  const found = places(wordAt(params) ?? '$').filter(({ declares }) => declares);
  const { line, character } = params.position;
  const isThis = ({ uri, range: { start } }) =>
    uri === params.textDocument.uri && start.line === line && start.character === character;
  return found.some(isThis) ? found.filter(isThis) : found;
}

function rename(params) {
  const changes = {};
  for (const { uri, range } of places(wordAt(params) ?? '$')) {
    changes[uri] ??= [];
    changes[uri].push({ range, newText: params.newName });
  }
  return { changes };
}
