import type { Word } from '../shell/word.ts';
import type { Look } from './look.ts';

/** Flags whose value is a file or folder that is written, whatever the tool. */
const outputFlag =
  /^--?(o|out|out-?(dir|file)|output|output-?(dir|directory|file|folder|path)|output[-.]\w+|dest|dist-dir|declarationDir|tsBuildInfoFile|generate(Trace|CpuProfile)|cache-?(dir|directory|file|location)|coverage-?(dir|directory)|coverage\.reportsDirectory|reports?-?(dir|directory|file|path)|results-dir|(cover|cpu|mem|block|mutex)profile|trace|junit-?xml|(any-exprs|cobertura-xml|html|linecount|linecoverage|lineprecision|txt|xml|xslt-html|xslt-txt)-report|log-file|log-junit|coverage-(html|xml|text|clover|cobertura)|target-dir|basetemp|attachments-?dir|snapshot-?dir|temp-?dir)$/i;

/** Flags whose value is read, by their names. */
const readingFlag = /^--?(c|p|check|l|list\w*|[\w-]*(config|ignore|project|rc|file-list|include|exclude)[\w-]*)$/i;

/**
 * The words of a tool that a project tests or builds itself with: paths that are read, but what an output flag names is
 * written, and what any other flag names may be.
 */
export function toolWords(args: Word[], look: Look) {
  look.mayRun(args);
  for (const [at, arg] of args.entries()) {
    const equals = arg.startsWith('-') ? arg.indexOf('=') : -1;
    const before = args[at - 1] ?? '';
    const flag = equals > 0 ? arg.slice(0, equals) : arg.startsWith('-') || !before.startsWith('-') ? '' : before;
    const value = equals > 0 ? arg.slice(equals + 1) : arg;
    look.suspect(arg, flag === '' || readingFlag.test(flag) ? 'reads' : 'may write');
    if (outputFlag.test(flag) && value !== '' && value !== '-') look.write(value);
    // `-oname`: the value stands at the flag.
    const joined = /^-(?:o|d|MF)([^-=].*)$/.exec(arg)?.[1];
    if (joined !== undefined) look.suspect(joined);
  }
}
