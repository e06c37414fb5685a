import { snakeCase } from './lenient.ts';

/**
 * Tools that models know from other agents, by our names. A model that calls one is told once how it is called here;
 * from then on the name counts in that conversation. Pure.
 */
const byTool: Record<string, readonly string[]> = {
  run_command: [
    ...['bash', 'shell', 'sh', 'zsh', 'local_shell', 'local_shell_call', 'exec', 'exec_command', 'unified_exec', 'run'],
    ...[
      'execute_command',
      'execute_bash',
      'execute_shell',
      'run_shell_command',
      'run_bash',
      'run_shell',
      'shell_command',
    ],
    ...[
      'run_terminal_cmd',
      'run_terminal_command',
      'run_in_terminal',
      'terminal',
      'execute',
      'bash_tool',
      'cmd',
      'console',
    ],
  ],
  read_file: [
    'view',
    'read',
    'view_file',
    'open_file',
    'cat',
    'readfile',
    'open',
    'get_file_contents',
    'file_read',
    'read_text_file',
  ],
  write_file: ['write', 'create', 'create_file', 'write_to_file', 'save_file', 'new_file', 'file_write'],
  edit_file: [
    ...['edit', 'multi_edit', 'multiedit', 'replace', 'str_replace', 'string_replace', 'search_replace', 'file_edit'],
    ...['replace_string_in_file', 'multi_replace_string_in_file', 'edit_block', 'insert', 'str_replace_file'],
  ],
  search: [
    ...['grep', 'rg', 'ripgrep', 'search_file_content', 'grep_search', 'search_files', 'find_in_files', 'search_code'],
    ...['code_search', 'content_search', 'text_search', 'grep_files', 'search_text'],
  ],
  list_files: [
    ...['glob', 'ls', 'list', 'list_dir', 'list_directory', 'find_files', 'glob_search', 'glob_files', 'find_by_name'],
    ...['list_folder', 'dir'],
  ],
  apply_patch: ['applypatch', 'patch'],
  todo: [
    'todo_write',
    'todowrite',
    'update_plan',
    'write_todos',
    'update_todos',
    'todo_list',
    'set_todos',
    'set_todo_list',
  ],
  fetch_url: [
    'web_fetch',
    'webfetch',
    'fetch',
    'fetch_webpage',
    'open_url',
    'read_url',
    'get_url',
    'url_fetch',
    'browse',
  ],
  web_search: ['websearch', 'google_web_search', 'search_web', 'internet_search'],
};

type Given = Record<string, unknown>;
/** The call in our words, or why there is none and what to do. `isSpelling`: only the spelling of the name differs. */
export type OurCall = { tool: string; given: unknown; isSpelling?: boolean } | { instead: string };

const special: Record<string, (given: Given) => OurCall> = {
  str_replace_editor: editorCall,
  str_replace_based_edit_tool: editorCall,
  text_editor: editorCall,
  read_many_files: oneOfMany,
  write_stdin: ofCommand('write'),
  bash_output: ofCommand('read'),
  get_command_output: ofCommand('read'),
  kill_shell: ofCommand('stop'),
  kill_bash: ofCommand('stop'),
  task: helperCall,
  agent: helperCall,
  dispatch_agent: helperCall,
  spawn_agent: helperCall,
  attempt_completion: (given) => ({ tool: 'finish', given: { outcome: 'done', ...given } }),
};

/** A call about a command in the background, whose id has its own name with each agent. */
function ofCommand(action: string): (given: Given) => OurCall {
  return (given) => ({ tool: 'command', given: { action, ...given } });
}

const plain: ReadonlyMap<string, string> = new Map(
  Object.entries(byTool).flatMap(([tool, names]) => names.map((name) => [name, tool] as const)),
);

/** Groups that some models write in front of every tool's name. */
const groups = /^(functions|tools|default_api|container|repo_browser|mcp)[.:/]+/i;

/** A call under another agent's name; undefined: the name is ours, or nothing is known under it. */
export function ourCall(name: string, raw: unknown, isOurs: (name: string) => boolean): OurCall | undefined {
  if (isOurs(name)) return undefined;
  const known = snakeCase(name.replace(groups, ''));
  if (isOurs(known)) return { tool: known, given: raw, isSpelling: true };
  const given = typeof raw === 'object' && raw !== null && !Array.isArray(raw) ? (raw as Given) : {};
  if (Object.hasOwn(special, known)) return special[known]!(given);
  const tool = plain.get(known);
  return tool === undefined ? undefined : { tool, given: raw };
}

/** The one tool with which some agents look at, make and change files. */
function editorCall({ command, ...given }: Given): OurCall {
  switch (command) {
    case 'view':
      return { tool: 'read_file', given };
    case 'create':
      return { tool: 'write_file', given };
    case 'insert':
      return { tool: 'edit_file', given };
    case 'str_replace':
      return { tool: 'edit_file', given: { new_str: '', ...given } };
    default:
      return {
        instead: `there is no ${typeof command === 'string' ? command : 'such call'} here: read_file looks, write_file makes a file, edit_file changes one`,
      };
  }
}

function oneOfMany({ paths, include, files, ...rest }: Given): OurCall {
  const all = [paths, include, files].find(Array.isArray) ?? [];
  if (all.length === 1) return { tool: 'read_file', given: { ...rest, path: all[0] } };
  const named = all.slice(0, shownMax).join(', ');
  return { instead: `one call reads one file: call read_file for each of ${named || 'them'}, all in one answer` };
}

/** How many files an advice names. */
const shownMax = 10;

/** Roles of helpers by the names that other agents have for them. */
const helpers: Record<string, string> = {
  ...{ explore: 'explorer', search: 'explorer', plan: 'explorer', 'code-reviewer': 'reviewer' },
  ...{ 'general-purpose': 'general', general_purpose: 'general', worker: 'general', default: 'general' },
};

function helperCall({ subagent_type, agent_type, role, ...given }: Given): OurCall {
  const named = [subagent_type, agent_type, role].find((one) => typeof one === 'string') ?? 'general';
  return { tool: 'delegate', given: { ...given, role: helpers[String(named).toLowerCase()] ?? named } };
}
