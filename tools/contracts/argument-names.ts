/**
 * Names of arguments that models know from other agents' tools, by our tool and our argument. All in snake_case: a
 * `camelCase` or `kebab-case` name is turned into it first. Pure data.
 */
export type OtherNames = Record<string, readonly string[]>;

const files = ['file_path', 'filepath', 'file', 'filename', 'file_name', 'target_file', 'absolute_path'] as const;
const folders = ['directory', 'dir', 'dir_path', 'directory_path', 'folder', 'relative_workspace_path'] as const;
const timeoutMs = ['timeout_millis', 'timeout_milliseconds', 'max_timeout_ms'] as const;

export const otherArguments: Record<string, OtherNames> = {
  read_file: {
    path: [...files, 'relative_path', 'notebook_path', 'target'],
    offset: ['start_line', 'line_start', 'from_line', 'first_line', 'start', 'start_line_one_indexed', 'line_offset'],
    limit: ['max_lines', 'num_lines', 'line_count', 'n_lines'],
    pages: ['page', 'page_range', 'page_numbers'],
  },
  list_files: {
    path: [...folders, ...files, 'root'],
    glob: ['pattern', 'glob_pattern', 'include', 'file_pattern', 'include_pattern', 'filter'],
    limit: ['max_results', 'head_limit', 'max_files', 'max_entries'],
  },
  search: {
    pattern: ['query', 'regex', 'regexp', 'search', 'search_term', 'search_query', 'search_pattern', 'q', 'keyword'],
    path: [...folders, ...files, 'root'],
    glob: ['include', 'include_pattern', 'file_pattern', 'includes', 'glob_pattern', 'file_glob', 'file_filter'],
    literal: ['fixed_strings', 'fixed_string', 'is_literal', 'plain', 'f'],
    ignore_case: ['case_insensitive', 'insensitive', 'i'],
    word: ['whole_word', 'match_whole_word', 'w'],
    context: ['context_lines', 'surrounding_lines', 'c'],
    limit: ['max_results', 'head_limit', 'max_count', 'max_matches', 'm'],
    files_only: ['files_with_matches', 'names_only', 'l'],
  },
  edit_file: {
    path: [...files, 'notebook_path'],
    old_text: [
      'old_string',
      'old_str',
      'old',
      'old_content',
      'old_code',
      'original',
      'original_text',
      'search',
      'find',
    ],
    new_text: ['new_string', 'new_str', 'new', 'new_content', 'new_code', 'updated', 'replacement', 'replace'],
    replace_all: ['all', 'allow_multiple', 'all_occurrences', 'multiple'],
    edits: ['edit', 'replacements', 'changes', 'operations'],
    expected: ['expected_replacements', 'expected_occurrences'],
  },
  write_file: {
    path: [...files, 'target'],
    content: ['file_text', 'contents', 'file_content', 'file_contents', 'text', 'data', 'body', 'new_content'],
    executable: ['is_executable'],
  },
  apply_patch: { input: ['patch', 'patch_text', 'patch_content', 'diff', 'content', 'text'] },
  command: { id: ['bash_id', 'shell_id', 'session_id', 'command_id'], text: ['input', 'chars', 'stdin', 'keys'] },
  run_command: {
    command: ['cmd', 'command_line', 'script', 'shell_command', 'bash_command', 'line'],
    directory: [
      'workdir',
      'cwd',
      'working_directory',
      'working_dir',
      'work_dir',
      'dir',
      'dir_path',
      'current_directory',
    ],
    background: ['run_in_background', 'is_background'],
    timeout_ms: timeoutMs,
    terminal: ['tty', 'pty', 'is_tty'],
  },
  delegate: {
    role: ['agent', 'agent_type', 'agent_name', 'subagent_type', 'subagent', 'type'],
    prompt: ['task', 'message', 'instructions', 'query', 'input'],
  },
  agents: { ids: ['id', 'agent_id', 'agent_ids', 'agents'], text: ['message'], role: ['agent_type'], prompt: ['task'] },
  finish: { outcome: ['status'], summary: ['message', 'result', 'answer', 'text'] },
  find_symbol: { query: ['symbol', 'name', 'symbol_name', 'pattern'] },
  rename_symbol: { symbol: ['name', 'old_name', 'symbol_name', 'from'], to: ['new_name'], at: ['path', ...files] },
  move_module: {
    from: ['source', 'src', 'old_path', 'source_path'],
    to: ['destination', 'dest', 'dst', 'new_path', 'target', 'destination_path', 'target_path'],
  },
  search_structure: { pattern: ['query'], language: ['lang'], paths: ['path', ...files, ...folders] },
  rewrite_structure: {
    pattern: ['query'],
    rewrite: ['replacement', 'replace'],
    language: ['lang'],
    paths: ['path', ...files, ...folders],
  },
  diagnostics: { path: files },
  find_definition: { path: files, line: ['line_number', 'row'], column: ['col'] },
  find_references: { path: files, line: ['line_number', 'row'], column: ['col'] },
  todo: { items: ['todos', 'plan', 'list', 'tasks', 'todo_list', 'todo'] },
  fetch_url: { url: ['uri', 'link', 'href', 'address'], start: ['start_index', 'offset'] },
  web_search: { query: ['q', 'search_query', 'search_term'] },
};

/** The same for the parts of a list: `tool.argument`. */
export const otherParts: Record<string, OtherNames> = {
  'edit_file.edits': {
    old_text: otherArguments.edit_file?.old_text ?? [],
    new_text: otherArguments.edit_file?.new_text ?? [],
    replace_all: otherArguments.edit_file?.replace_all ?? [],
  },
  'todo.items': { text: ['content', 'step', 'title', 'description', 'task', 'name'], status: ['state'] },
};

/** Arguments that only comment on a call, for every tool that has no argument of that name: it has no effect anywhere. */
export const comments: ReadonlySet<string> = new Set([
  ...['description', 'explanation', 'justification', 'thought', 'thoughts', 'reason', 'reasoning', 'instruction'],
  // How much of an output is wanted, and when: the whole comes when the command has ended.
  ...['yield_time_ms', 'max_output_tokens', 'max_output_length', 'max_output_chars'],
  ...['purpose', 'security_risk', 'one_sentence_justification', 'toolcall_reason', 'prompt_description'],
]);

/** Parts that other agents keep with the items of a list; they have no use here. */
export const partComments: ReadonlySet<string> = new Set(['id', 'priority', 'active_form', 'notes', 'explanation']);

/** Arguments that ask for nothing while they have one of these values, because that is what happens anyway. */
export const already: Record<string, Record<string, readonly unknown[]>> = {
  run_command: {
    ...{ is_input: [false], restart: [false] },
    ...{
      with_escalated_permissions: [false],
      sandbox_permissions: ['use_default'],
      require_user_approval: [true, false],
    },
    ...{ dangerously_disable_sandbox: [false], requires_approval: [true, false], interactive: [false], stdin: [''] },
    ...{ shell: ['sh', 'bash', '/bin/sh', '/bin/bash'], login: [true, false] },
  },
  search: {
    ...{
      output_mode: ['content'],
      n: [true, false],
      multiline: [false],
      recursive: [true],
      r: [true],
      is_regex: [true],
    },
    ...{
      show_line_numbers: [true, false],
      case_sensitive: [true],
      respect_git_ignore: [true],
      line_numbers: [true, false],
    },
    ...{ no_ignore: [false], include_hidden: [true, false] },
  },
  list_files: {
    ...{ recursive: [true], respect_git_ignore: [true], include_hidden: [true], depth: [] },
    // A glob here distinguishes upper and lower case; models send this default of theirs without meaning it.
    ...{ case_sensitive: [true, false], sort_by_modified: [true, false] },
    ...{ show_hidden: [true], directories_only: [false] },
  },
  read_file: {
    should_read_entire_file: [true, false],
    encoding: ['utf-8', 'utf8', 'auto'],
    show_line_numbers: [false],
  },
  write_file: { encoding: ['utf-8', 'utf8'], overwrite: [true], create_directories: [true], create_dirs: [true] },
  edit_file: { encoding: ['utf-8', 'utf8'], dry_run: [false] },
  todo: { merge: [false] },
  fetch_url: { format: ['markdown', 'text'] },
};
