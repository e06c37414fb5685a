// Goal: calls in the words of other agents' tools are understood where their meaning is certain, and refused with the
// known names where it is not. Method: a table of calls as real models send them, and what is understood.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { understand } from '../../../tools/contracts/lenient.ts';
import { ourCall } from '../../../tools/contracts/other-names.ts';
import { toolbox } from '../../../tools/contracts/toolbox.ts';

/** The meaning of a call: our arguments, or the problem; of another agent's tool also our name. */
function meaning(name: string, raw: unknown): unknown {
  const other = ourCall(name, raw, (one) => toolbox.has(one));
  if (other && 'instead' in other) return other.instead;
  const tool = toolbox.get(other?.tool ?? name);
  assert.ok(tool, `no tool ${name}`);
  const found = understand(tool, other ? other.given : raw);
  if ('problem' in found) return found.problem;
  return other ? { [tool.name]: found.given } : found.given;
}

const understood: [name: string, raw: unknown, given: unknown][] = [
  ['read_file', { file_path: 'a.js', offset: '1', limit: null }, { path: 'a.js', offset: 1 }],
  ['read_file', { filePath: 'a.js', offset: 0 }, { path: 'a.js', offset: 1 }],
  ['read_file', { path: 'a.js', view_range: [2, 3] }, { path: 'a.js', offset: 2, limit: 2 }],
  ['read_file', { path: 'a.js', view_range: [5, -1] }, { path: 'a.js', offset: 5 }],
  ['read_file', { path: 'a.js', start_line: 10, end_line: '12' }, { path: 'a.js', offset: 10, limit: 3 }],
  ['read_file', { path: 'a.js', lines: '4-6' }, { path: 'a.js', offset: 4, limit: 3 }],
  ['read_file', '{"path":"a.js"}', { path: 'a.js' }],
  ['read_file', { arguments: { path: 'a.js' } }, { path: 'a.js' }],
  ['read_file', { input: '{"path":"a.js"}' }, { path: 'a.js' }],
  ['read_file', [{ path: 'a.js' }], { path: 'a.js' }],
  ['read_file', { name: 'read_file', arguments: { path: 'a.js' } }, { path: 'a.js' }],
  ['read_file', { path: 'a.js', view_range: '[2, 3]' }, { path: 'a.js', offset: 2, limit: 2 }],
  ['run_command', { command: '["ls", "-l", "a b"]' }, { command: "ls -l 'a b'" }],
  ['run_command', { command: '[ -f a ] && echo yes' }, { command: '[ -f a ] && echo yes' }],
  ['run_command', { command: '["$x" = y ] || true' }, { command: '["$x" = y ] || true' }],
  ['list_files', { pattern: '**/*.js', path: '' }, { glob: '**/*.js' }],
  ['list_files', null, {}],
  ['list_files', { directory: 'src', recursive: true }, { path: 'src' }],
  [
    'search',
    { query: 'x', include: '*.js', case_sensitive: 'false' },
    { pattern: 'x', glob: '*.js', ignore_case: true },
  ],
  ['search', { pattern: 404, '-i': true, '-n': true, '-C': 3 }, { pattern: '404', ignore_case: true, context: 3 }],
  ['search', { regex: 'a.b', is_regex: false }, { pattern: 'a.b', literal: true }],
  ['edit_file', { file_path: 'a', old_string: 'x', new_string: '' }, { path: 'a', old_text: 'x', new_text: '' }],
  [
    'edit_file',
    { path: 'a', old_str: 'x', new_str: 'y', replace_all: 'true' },
    { path: 'a', old_text: 'x', new_text: 'y', replace_all: true },
  ],
  ['edit_file', { path: 'a', old_text: '', new_text: 'x' }, { path: 'a', old_text: '', new_text: 'x' }],
  [
    'edit_file',
    { path: 'a', edits: '[{"old_string":"x","new_string":"y"}]' },
    { path: 'a', edits: [{ old_text: 'x', new_text: 'y' }] },
  ],
  ['write_file', { path: 'a.json', content: { a: 1 } }, { path: 'a.json', content: '{\n  "a": 1\n}\n' }],
  ['write_file', { file_path: 'a', file_text: 'x' }, { path: 'a', content: 'x' }],
  ['run_command', { cmd: 'ls', workdir: 'src', timeout: 60 }, { command: 'ls', directory: 'src', timeout_ms: 60_000 }],
  ['run_command', { command: 'ls', timeout: 120_000 }, { command: 'ls', timeout_ms: 120_000 }],
  ['run_command', { command: 'ls', timeout_ms: '60000' }, { command: 'ls', timeout_ms: 60_000 }],
  ['run_command', { command: 'ls', timeout_seconds: 5 }, { command: 'ls', timeout_ms: 5_000 }],
  ['run_command', { command: 'ls', timeout: '2m' }, { command: 'ls', timeout_ms: 120_000 }],
  [
    'run_command',
    { command: 'ls', description: 'List', run_in_background: false, directory: null },
    { command: 'ls', background: false },
  ],
  ['run_command', { command: ['bash', '-lc', 'ls -la'] }, { command: "bash -lc 'ls -la'" }],
  ['run_command', { command: ['grep', '-n', "it's", 'a b.txt'] }, { command: "grep -n 'it'\\''s' 'a b.txt'" }],
  ['run_command', { command: 'git', args: ['log', '--format=%h %s'] }, { command: "git log '--format=%h %s'" }],
  ['search_structure', { pattern: 'f($A)', paths: 'src' }, { pattern: 'f($A)', paths: ['src'] }],
  ['agents', { action: 'wait', ids: 'agent/1' }, { action: 'wait', ids: ['agent/1'] }],
];

for (const [name, raw, given] of understood)
  test(`${name} ${JSON.stringify(raw)} is understood`, () => assert.deepEqual(meaning(name, raw), given));

const elsewhere: [name: string, raw: unknown, wanted: unknown][] = [
  ['bash', { command: 'ls', timeout: 120_000 }, { run_command: { command: 'ls', timeout_ms: 120_000 } }],
  ['shell', { command: ['ls'], workdir: 'a' }, { run_command: { command: 'ls', directory: 'a' } }],
  ['local_shell', { command: ['ls', '-l'] }, { run_command: { command: 'ls -l' } }],
  ['run_shell_command', { command: 'ls', directory: 'a' }, { run_command: { command: 'ls', directory: 'a' } }],
  ['container.exec', { cmd: ['bash', '-lc', 'ls'] }, { run_command: { command: 'bash -lc ls' } }],
  ['Read', { file_path: 'a', offset: 5, limit: 2 }, { read_file: { path: 'a', offset: 5, limit: 2 } }],
  ['Write', { file_path: 'a', content: 'x' }, { write_file: { path: 'a', content: 'x' } }],
  [
    'MultiEdit',
    { file_path: 'a', edits: [{ old_string: 'x', new_string: 'y' }] },
    { edit_file: { path: 'a', edits: [{ old_text: 'x', new_text: 'y' }] } },
  ],
  [
    'replace',
    { file_path: 'a', old_string: 'x', new_string: 'y', expected_replacements: 2, instruction: 'i' },
    { edit_file: { path: 'a', old_text: 'x', new_text: 'y', expected: 2 } },
  ],
  [
    'str_replace_editor',
    { command: 'view', path: 'a', view_range: [1, 2] },
    { read_file: { path: 'a', offset: 1, limit: 2 } },
  ],
  ['str_replace_editor', { command: 'create', path: 'a', file_text: 'x' }, { write_file: { path: 'a', content: 'x' } }],
  [
    'str_replace_based_edit_tool',
    { command: 'str_replace', path: 'a', old_str: 'x' },
    { edit_file: { path: 'a', old_text: 'x', new_text: '' } },
  ],
  [
    'str_replace_based_edit_tool',
    { command: 'insert', path: 'a', insert_line: 2, insert_text: 'x' },
    { edit_file: { path: 'a', insert_line: 2, new_text: 'x' } },
  ],
  [
    'Grep',
    { pattern: 'x', output_mode: 'files_with_matches', type: 'py' },
    { search: { pattern: 'x', files_only: true, glob: '*.{py,pyi}' } },
  ],
  ['search_file_content', { pattern: 'x', include: '*.ts' }, { search: { pattern: 'x', glob: '*.ts' } }],
  ['Glob', { pattern: '**/*.js', path: 'src' }, { list_files: { glob: '**/*.js', path: 'src' } }],
  ['LS', { path: 'src' }, { list_files: { path: 'src' } }],
  ['read_many_files', { paths: ['a'] }, { read_file: { path: 'a' } }],
  [
    'Task',
    { description: 'd', prompt: 'p', subagent_type: 'Explore' },
    { delegate: { prompt: 'p', role: 'explorer' } },
  ],
  ['WebFetch', { url: 'https://a.org', prompt: 'what is it?' }, { fetch_url: { url: 'https://a.org' } }],
  [
    'TodoWrite',
    { todos: [{ content: 'x', status: 'completed', activeForm: 'y' }] },
    { todo: { items: [{ text: 'x', status: 'done' }] } },
  ],
  [
    'update_plan',
    { explanation: 'e', plan: [{ step: 'x', status: 'in_progress' }] },
    { todo: { items: [{ text: 'x', status: 'in_progress' }] } },
  ],
  ['BashOutput', { bash_id: 'c1' }, { command: { action: 'read', id: 'c1' } }],
  ['KillShell', { shell_id: 'c1' }, { command: { action: 'stop', id: 'c1' } }],
  ['write_stdin', { session_id: 'c1', chars: 'y' }, { command: { action: 'write', id: 'c1', text: 'y' } }],
  ['Bash', { command: 'ls', run_in_background: true }, { run_command: { command: 'ls', background: true } }],
  ['functions.read_file', { path: 'a' }, { read_file: { path: 'a' } }],
  ['readFile', { path: 'a' }, { read_file: { path: 'a' } }],
];

for (const [name, raw, wanted] of elsewhere)
  test(`another agent's ${name} ${JSON.stringify(raw)} is told by our names`, () =>
    assert.deepEqual(meaning(name, raw), wanted));

const problems: [name: string, raw: unknown, words: RegExp][] = [
  ['read_file', { path: 'a', colour: 'red' }, /^there is no argument colour \(known: path, offset, limit.*\)\.$/],
  ['read_file', { path: 'a', ofset: 1 }, /there is no argument ofset \(did you mean offset\? known: /],
  ['read_file', { path: 'a', file_path: 'b' }, /path is given twice, as path and as file_path/],
  ['read_file', {}, /^path is missing \(known: path, offset/],
  ['read_file', { path: 'a', offset: 'two' }, /offset must be a number, not a string/],
  ['read_file', { path: 'a', view_range: [5, 2] }, /the last line, 2, is before the first, 5/],
  [
    'read_file',
    '{"path": "a',
    /^The arguments are not valid JSON: .*Make the call again with one JSON object as its arguments\.$/,
  ],
  ['read_file', 7, /the arguments are a number, not an object/],
  ['write_file', { path: 'a.js', content: { a: 1 } }, /content is an object, not text/],
  ['write_file', { path: 'a.js', content: ['a'] }, /content is a list, not text/],
  ['run_command', { command: 'ls', timeout: 'soon' }, /the timeout "soon" is not understood: say timeout_ms/],
  [
    'edit_file',
    { path: 'a', edits: [{ old_text: 'x', new_text: 'y', line: 3 }] },
    /no argument line in edits \(known: old_text/,
  ],
  ['finish', { outcome: 'maybe', summary: '' }, /outcome must be one of done, cannot/],
  ['read_many_files', { paths: ['a', 'b'] }, /call read_file for each of a, b, all in one answer/],
  ['str_replace_editor', { command: 'undo_edit', path: 'a' }, /there is no undo_edit here/],
];

for (const [name, raw, words] of problems)
  test(`${name} ${JSON.stringify(raw)} says ${words.source}`, () => assert.match(String(meaning(name, raw)), words));

test('a name that no tool is known under stays unknown', () => {
  assert.equal(
    ourCall('constructor', {}, (one) => toolbox.has(one)),
    undefined,
  );
  assert.equal(
    ourCall('launch_rocket', {}, (one) => toolbox.has(one)),
    undefined,
  );
});
