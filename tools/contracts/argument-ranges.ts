import { quotedLine } from './quoted-line.ts';

/** Arguments of other agents' tools that say something together, or in another unit. Names in snake_case. Pure. */
type Given = Record<string, unknown>;

/** The same arguments with those spelled out in our own ones. */
export function spelledOut(tool: string, given: Given, problems: string[]): Given {
  const spell = spellings[tool];
  return spell ? spell({ ...given }, problems) : given;
}

const spellings: Record<string, (given: Given, problems: string[]) => Given> = {
  read_file: lines,
  run_command: command,
  search: matches,
  edit_file: edits,
  fetch_url: page,
};

/** Takes the first of these names out of the arguments. */
function take(given: Given, ...names: string[]): unknown {
  const name = names.find((one) => one in given);
  if (name === undefined) return undefined;
  const value = given[name];
  delete given[name];
  return value;
}

/** The same for a yes or no; anything else stays where it is. */
function flag(given: Given, ...names: string[]): boolean | undefined {
  const name = names.find((one) => ['true', 'false'].includes(String(given[one])));
  return name === undefined ? undefined : String(take(given, name)) === 'true';
}

function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** `view_range: [2, 3]`, `lines: "2-3"`, `start_line` with `end_line`: the lines from one to another, both included. */
function lines(given: Given, problems: string[]): Given {
  const range = take(given, 'view_range', 'line_range', 'range', 'lines', 'line_numbers');
  const last = take(given, 'end_line', 'line_end', 'to_line', 'last_line', 'end', 'end_line_one_indexed_inclusive');
  const pair =
    typeof range === 'string'
      ? range.replace(/^\s*\[|\]\s*$/g, '').split(/\s*[-,:]\s*/)
      : Array.isArray(range)
        ? range
        : [];
  if (range !== undefined && (pair.length !== 2 || pair.some((one) => numberOf(one) === undefined)))
    problems.push(
      `the lines ${JSON.stringify(range)} are not understood: say offset (first line) and limit (how many)`,
    );
  const start = pair.length === 2 ? numberOf(pair[0]) : numberOf(startOf(given));
  const end = pair.length === 2 ? numberOf(pair[1]) : numberOf(last);
  if (last !== undefined && end === undefined) problems.push(`${JSON.stringify(last)} is no number of a line`);
  if (pair.length === 2) given.offset = start;
  // -1 stands for the end of the file.
  if (end === undefined || end === -1) return given;
  const first = Math.max(1, start ?? 1);
  if (end < first) problems.push(`the last line, ${end}, is before the first, ${first}`);
  else given.limit = end - first + 1;
  return given;
}

const starts = ['offset', 'start_line', 'line_start', 'from_line', 'first_line', 'start', 'start_line_one_indexed'];

function startOf(given: Given): unknown {
  return given[starts.find((name) => name in given) ?? ''];
}

function command(given: Given, problems: string[]): Given {
  const { args } = given;
  if (typeof given.command === 'string' && Array.isArray(args) && args.every((word) => typeof word === 'string')) {
    given.command = [given.command, quotedLine(args)].filter((part) => part !== '').join(' ');
    delete given.args;
  }
  const seconds = take(given, 'timeout_seconds', 'timeout_secs', 'timeout_sec', 'timeout_s', 'timeout_in_seconds');
  if (seconds !== undefined) given.timeout_ms = milliseconds(seconds, 1_000, problems);
  const timeout = take(given, 'timeout', 'max_time', 'time_limit');
  if (timeout !== undefined) given.timeout_ms = milliseconds(timeout, undefined, problems);
  return given;
}

/** A `timeout` below this is in seconds: a command gets no less than a second. */
const secondsMax = 1_000;

/** `unitMs` undefined: agents that say `timeout` mean seconds (30) or milliseconds (120000), told apart by size. */
function milliseconds(value: unknown, unitMs: number | undefined, problems: string[]): unknown {
  const [, digits, unit] =
    /^\s*(\d+(?:\.\d+)?)\s*(ms|s|sec|secs|seconds?|m|mins?|minutes?)?\s*$/i.exec(String(value)) ?? [];
  const amount = Number(digits);
  if (digits === undefined || amount <= 0) {
    problems.push(`the timeout ${JSON.stringify(value)} is not understood: say timeout_ms, in milliseconds`);
    return undefined;
  }
  const named = unit === undefined ? undefined : /^ms/i.test(unit) ? 1 : /^m/i.test(unit) ? 60_000 : 1_000;
  return Math.max(1, Math.round(amount * (named ?? unitMs ?? (amount < secondsMax ? 1_000 : 1))));
}

/** Files by the kinds that ripgrep and agents that use it know. */
const kinds: Record<string, string> = {
  ...{
    js: '*.{js,jsx,cjs,mjs}',
    ts: '*.{ts,tsx,cts,mts}',
    py: '*.{py,pyi}',
    python: '*.{py,pyi}',
    rust: '*.rs',
    go: '*.go',
  },
  ...{ java: '*.java', c: '*.{c,h}', cpp: '*.{cpp,cc,cxx,hpp,hh,h}', ruby: '*.rb', php: '*.php', swift: '*.swift' },
  ...{
    kotlin: '*.{kt,kts}',
    css: '*.{css,scss}',
    html: '*.{html,htm}',
    json: '*.json',
    yaml: '*.{yaml,yml}',
    toml: '*.toml',
  },
  ...{ md: '*.{md,markdown}', markdown: '*.{md,markdown}', sh: '*.{sh,bash}', sql: '*.sql', cs: '*.cs', xml: '*.xml' },
};

function matches(given: Given, problems: string[]): Given {
  const around = [take(given, 'a', 'after_context', 'after'), take(given, 'b', 'before_context', 'before')];
  const shown = around.flatMap((one) => numberOf(one) ?? []);
  // Lines before and after are one number here: rather too many than too few.
  if (shown.length > 0) given.context = Math.max(...shown, numberOf(given.context ?? given.c) ?? 0);
  if (shown.length > 0) delete given.c;
  if (given.output_mode === 'files_with_matches') {
    delete given.output_mode;
    given.files_only = true;
  }
  const isRegex =
    flag(given, 'is_regex', 'use_regex') ?? (typeof given.regex === 'boolean' ? take(given, 'regex') : undefined);
  if (isRegex === false) given.literal = true;
  if (flag(given, 'case_sensitive') === false) given.ignore_case = true;
  const kind = take(given, 'type', 'file_type');
  if (kind === undefined) return given;
  const glob = kinds[String(kind)];
  if (glob === undefined || given.glob !== undefined)
    problems.push(`type ${JSON.stringify(kind)} is not known: narrow with glob, such as *.${String(kind)}`);
  else given.glob = glob;
  return given;
}

/** Some agents say with an address what they look for in the page; here they get the page itself. */
function page(given: Given): Given {
  delete given.prompt;
  return given;
}

/** An insertion behind a line, as `str_replace_editor` has it. */
function edits(given: Given): Given {
  const text = 'insert_line' in given ? take(given, 'insert_text', 'new_str', 'new_string', 'text') : undefined;
  if (text !== undefined) given.new_text = text;
  return given;
}
