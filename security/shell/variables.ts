import type { Part } from './finding.ts';
import { isLiteral, shown, type Word } from './word.ts';

/** Variables that change how a shell reads the rest of the line, so that another command would run than was judged. */
const ofTheShell =
  /^(IFS|CDPATH|HOME|PWD|OLDPWD|ENV|BASH_ENV|SHELLOPTS|BASHOPTS|PS[0-4]|GLOBIGNORE|PROMPT_COMMAND|FCEDIT|HISTFILE)$/;

/** Variables that only change a program's output, or that configure tests. */
const harmless =
  /^(NODE_ENV|CI|DEBUG|VERBOSE|LOG_LEVEL|FORCE_COLOR|NO_COLOR|CLICOLOR|CLICOLOR_FORCE|LANG|LANGUAGE|LC_\w+|TZ|TERM|COLUMNS|LINES|PORT|HOST|RUST_BACKTRACE|RUST_LOG|PYTHONDONTWRITEBYTECODE|PYTHONUNBUFFERED|PYTHONHASHSEED|CGO_ENABLED|GOOS|GOARCH|GIT_TERMINAL_PROMPT|UPDATE_SNAPSHOTS?|SOURCE_DATE_EPOCH|E2E|TEST_\w+|RAILS_ENV|RACK_ENV|APP_ENV|FLASK_ENV|MIX_ENV)$/;

/** Variables that stand in the environment of every command: setting them reaches programs, without `export` too. */
const inherited = /^(PATH|TMPDIR|LD_\w+|DYLD_\w+|USER|LOGNAME|SHELL)$/;

/** A text that bash runs a part of when it calculates with it: `x='a[$(…)]'; [[ $x -eq 0 ]]`. */
export function mayBeRun(value: Word): boolean {
  return /\[[^\]]*(\$\(|`)/.test(value);
}

/** Judges that a variable is set, for a program or for the rest of the line. */
export function judgeVariable(name: string, value: Word, part: Part, forProgram: boolean) {
  const ask = (risk: 'contained' | 'beyond', why: string) =>
    part.findings.push({ verdict: 'ask', risk, why, about: 'line' });
  if (mayBeRun(value)) ask('beyond', `some shells run what stands in ${shown(value)}`);
  if (ofTheShell.test(name)) return void ask('beyond', `${name} changes what the line means`);
  if (harmless.test(name)) return;
  if (/^GIT_(?!AUTHOR_|COMMITTER_|PAGER$|EDITOR$|SEQUENCE_EDITOR$|MERGE_AUTOEDIT$|OPTIONAL_LOCKS$)/.test(name))
    return void ask('beyond', `${name} makes git take other files, or write some`);
  if (/^(GIT_)?PAGER$/.test(name) && isLiteral(value) && value === 'cat') return;
  if (forProgram || inherited.test(name)) ask('contained', `what ${name} does to a program is not known`);
}
