import { basename } from 'node:path/posix';
import type { PathRules, PolicyRules } from '../../ipc/config.ts';
import { instructs, isGuarded, mayInstruct } from '../paths/instructing.ts';
import { judgePlace, noPlaces, type OwnPlaces } from '../paths/own-places.ts';
import { judgeFolder, judgePath } from '../paths/path-rules.ts';
import { inScope, namesOutright, scopesMeet } from '../paths/scope.ts';
import type { Finding, Part } from '../shell/finding.ts';
import { newPart } from '../shell/finding.ts';
import { type Follow, throughLinks } from '../shell/links.ts';
import { belowTop, touch } from '../shell/paths.ts';
import { newLine, walkLine } from '../shell/walk.ts';
import { unknownTop } from '../shell/word.ts';
import type { RuleKind, Verdict } from '../verdict.ts';
import { matchRule, namesOf, ruleEnd, ruleMistake } from './rule.ts';

/**
 * The context of a line: the rules, those for paths, and the folder it runs in, POSIX, relative to the work tree's top;
 * the task's scope (a file it names outright need not be asked for), globs of the files that define checks, and links.
 */
export type Where = {
  rules: PolicyRules;
  directory: string;
  paths?: PathRules;
  scope?: string[];
  protect?: string[];
  /** Absolute paths that all mean the work tree's top; the first is what `pwd` prints there. */
  tops?: readonly string[];
  /** Whether a save can bring back files that a command destroys. */
  saves?: boolean;
  /** Package registries that commands may reach, by their names. */
  registries?: string[];
  /** The shell that reads the line, where that is sure; absent: any. */
  shell?: 'bash' | undefined;
  /** Places in the work tree that are more than files of it. */
  places?: OwnPlaces;
  /** Makes what follows the links for one line. Absent: paths are taken by their text. */
  follow?: () => Follow;
};

/** One simple command of a line with its verdict; `text` is for a person. */
export type JudgedPart = Verdict & {
  text: string;
  reads: string[];
  writes: string[];
  looks: boolean;
  /** A rule allowed what was found against it, so it may do more than its program's name says. */
  granted?: true;
  destroys?: string[];
  registries?: string[];
};

/** The verdict on a whole line, and on each simple command that may run with it. */
export type JudgedLine = Verdict & { parts: JudgedPart[] };

/**
 * The verdict on a shell line. The line is parsed; every simple command in it, however deep, is judged by the validator of
 * its program and by the rules; the most restrictive answer counts. A line that is not understood is asked. Pure but
 * for `follow`; never throws.
 */
export function judgeCommand(line: string, where: Where): Verdict {
  const { parts: _, ...verdict } = judgeLine(line, where);
  return verdict;
}

/** A limit, in characters: no person reads a longer line before they allow it. */
const lineMax = 16_000;

/**
 * Characters that make a line look different from the command that runs, or that shells read differently: control
 * characters, spaces that are none, invisible ones, changes of direction, private use.
 */
const deceiving = /(?![\t\n ])[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** Characters that make one sign a picture, or join several: they stand between signs that are seen. */
const ofPictures =
  /(?<=\p{Extended_Pictographic}\p{Emoji_Modifier}?)\ufe0f?(\u200d(?=\p{Extended_Pictographic}))?|(?<=[\d#*])\ufe0f(?=\u20e3)/gu;

const seeming: Finding = {
  verdict: 'ask',
  risk: 'beyond',
  why: 'the line holds characters that are not what they seem',
  about: 'line',
};

/** `judgeCommand` with its reasons. */
export function judgeLine(line: string, where: Where): JudgedLine {
  const { directory, paths } = where;
  const asked = (rule: string): JudgedLine => ({ verdict: 'ask', risk: 'beyond', rule, parts: [] });
  if (line.trim() === '') return { ...asked('an empty command'), risk: 'contained' };
  if (line.length > lineMax) return asked(`the line is longer than ${lineMax} characters`);
  const gathered = newLine();
  const place = newPart(['cd', directory]);
  const tops = where.tops ?? [unknownTop];
  touch(place, directory, 'names', { directories: [''], tops });
  const start = directory === '.' ? '' : directory.replace(/\/+$/, '');
  walkLine(line, {
    line: gathered,
    directories: [start],
    tops,
    variables: new Map(),
    functions: new Map(),
    bash: where.shell === 'bash',
    certain: true,
    names: false,
    depth: 0,
  });
  const follow = where.follow?.();
  const feeds = gathered.parts.length > 1;
  const real = follow ? gathered.parts.map((part) => throughLinks(part, follow, feeds)) : gathered.parts;
  const parts = unique(real.map((part) => withPaths(judgePart(part, where), part, paths)));
  const about: Finding[] = [...gathered.findings, ...place.findings];
  if (deceiving.test(line.replace(ofPictures, ''))) about.unshift(seeming);
  return { ...combine(about, parts), parts };
}

/** A judged part after the rules for paths were applied: they never make a verdict wider. */
function withPaths(part: JudgedPart, of: Part, paths: PathRules | undefined): JudgedPart {
  if (!paths || part.verdict === 'deny') return part;
  const touched = [...part.reads, ...part.writes];
  const named = [...touched, ...of.perhaps].flatMap((path) => judgePath(path, paths) ?? []);
  // A folder above may show the names of files, but not their content.
  const isShown = (path: string) => of.writes.includes(path) || count(of.reads, path) > count(of.names, path);
  const reach = isDeep(of.canonical) ? 'deep' : 'flat';
  const folders = [
    ...touched.map((path) => judgeFolder(path, paths, isShown(path) ? reach : 'itself')),
    ...of.perhaps.map((path) => judgeFolder(path, paths, 'itself')),
  ].flatMap((verdict) => verdict ?? []);
  const unknown: Verdict[] =
    paths.deny.length > 0 && touched.some((path) => path.includes('…'))
      ? [
          {
            verdict: 'ask',
            risk: 'beyond',
            rule: 'which files it takes is known only when it runs',
            kind: 'unknown_words',
          },
        ]
      : [];
  const ruled = [...named, ...folders, ...unknown];
  const worst = ruled.find(({ verdict }) => verdict === 'deny') ?? ruled.find(({ verdict }) => verdict === 'ask');
  if (!worst) return part;
  const { pattern: _, ...rest } = part;
  return { ...rest, ...worst };
}

function count(paths: string[], path: string): number {
  return paths.filter((one) => one === path).length;
}

/** Whether a command goes through folders, as far as that is known. */
function isDeep([name = '', ...args]: string[]): boolean {
  if (/^(rg|ag|mv|tar|rsync|zip|git)$/.test(basename(name))) return true;
  return args.some((arg) => /^-[a-zA-Z]*[rRa]|^--(dereference-)?recursive|^--archive|^--directories=recurse/.test(arg));
}

/** The ask or deny on one simple command, after the rules were applied. */
function judgePart(part: Part, where: Where): JudgedPart {
  const shown = {
    text: part.words.join(' '),
    reads: [...new Set(part.reads)],
    writes: [...new Set(part.writes)],
    looks: part.looks && part.writes.length === 0,
  };
  const denied = part.findings.find(({ verdict }) => verdict === 'deny');
  const { rules } = where;
  const names = [...namesOf(part), ...relativeNames(part, where.tops ?? [])];
  const deny = matchRule(rules.deny, names);
  const no = part.guessed ? ({ verdict: 'ask', risk: 'beyond' } as const) : ({ verdict: 'deny' } as const);
  if (deny) return { ...no, rule: `policy.commands.deny: ${deny.rule}`, kind: 'command_rule', ...shown };
  if (denied) return { ...no, rule: denied.why, ...kindOf(denied), ...shown };
  const ask = matchRule(rules.ask, names);
  if (ask)
    return { verdict: 'ask', risk: 'beyond', rule: `policy.commands.ask: ${ask.rule}`, kind: 'command_rule', ...shown };
  const allow = matchRule(rules.allow, [part.words]);
  const written = [...guarded(shown.writes, where), ...guarded(part.perhapsWritten, { ...where, protect: [] })];
  const left = [...part.findings, ...written].filter(
    ({ about }) => !(allow && (about === 'program' || (about === 'path' && allow.namesAll))),
  );
  const isHeld = ({ destroys, registry = '' }: Finding) =>
    (where.saves === true && destroys !== undefined) || where.registries?.includes(registry) === true;
  const worst = left.find((one) => one.risk === 'beyond' && !isHeld(one)) ?? left[0];
  const destroys = part.findings.flatMap((one) => one.destroys ?? []);
  if (destroys.length > 0) Object.assign(shown, { destroys });
  const registries = part.findings.flatMap((one) => one.registry ?? []);
  if (registries.length > 0) Object.assign(shown, { registries });
  if (worst) {
    const risk = isHeld(worst) ? 'contained' : worst.risk;
    return { verdict: 'ask', risk, rule: worst.why, ...kindOf(worst), ...(patternOf(part, left) ?? {}), ...shown };
  }
  const granted = part.findings.length > 0 && { granted: true as const };
  if (allow) return { verdict: 'allow', rule: `policy.commands.allow: ${allow.rule}`, ...shown, ...granted };
  return { verdict: 'allow', rule: 'only looks inside the work tree, or tests and builds it', ...shown };
}

/** The words of a command with its absolute paths inside the work tree written from its top, as rules name files. */
function relativeNames({ words }: Part, tops: readonly string[]): string[][] {
  const relative = words.map((word) => belowTop(word, tops) ?? word);
  return relative.some((word, at) => word !== words[at])
    ? [relative, [basename(relative[0] ?? ''), ...relative.slice(1)]]
    : [];
}

/** Written files that instruct agents or define checks and that the scope does not name: no command rule allows it. */
function guarded(writes: string[], { scope = [], protect = [], places = noPlaces }: Where): Finding[] {
  return writes.flatMap((path): Finding[] => {
    const place = judgePlace(path, places);
    if (place) return [{ verdict: 'ask', risk: 'beyond', why: place.rule, about: 'line', ...kindOf(place) }];
    if (path.startsWith('/') || namesOutright(path, scope) || (instructs(path) && !isGuarded(path, scope))) return [];
    const isCheck = inScope(path, protect) || (path.includes('*') && protect.some((glob) => mayMean(path, glob)));
    if (!isCheck && !mayInstruct(path)) return [];
    const why = isCheck ? `${path} defines checks` : `${path} instructs agents and tools`;
    return [
      {
        verdict: 'ask',
        risk: 'beyond',
        why: `${why}, and the scope does not name it`,
        about: 'line',
        kind: isCheck ? 'checks' : 'instructs',
      },
    ];
  });
}

/** Whether a path with wildcards may be one that a glob protects; a lone ending, as in `src/*.ts`, means none of many names. */
function mayMean(path: string, glob: string): boolean {
  const [last, name] = [basename(path), basename(glob)];
  if (!scopesMeet([path], [glob])) return false;
  return /[*?{[]/.test(name) ? !/^\*(\.\w+)?$/.test(last) : inScope(name, [last]);
}

/** The narrowest rule that would allow a command: its own words, and no further ones. */
function patternOf(part: Part, findings: Finding[]): { pattern: string } | undefined {
  if (findings.some(({ about }) => about === 'line') || part.words.length === 0) return undefined;
  if (part.words.some((word) => /[…*\s]|^$/.test(word))) return undefined;
  const pattern = [...part.words, ruleEnd].join(' ');
  return /^[\w./@-]+ /.test(pattern) && ruleMistake(pattern, 'allow') === null ? { pattern } : undefined;
}

function kindOf({ kind }: { kind?: RuleKind | undefined }): { kind?: RuleKind } {
  return kind === undefined ? {} : { kind };
}

function combine(findings: Finding[], parts: JudgedPart[]): Verdict {
  const denied = parts.find(({ verdict }) => verdict === 'deny');
  if (denied) return { verdict: 'deny', rule: denied.rule, ...kindOf(denied) };
  const asked: (Verdict & { text?: string })[] = [
    ...findings.map(({ risk, why, kind }) => ({ verdict: 'ask' as const, risk, rule: why, ...kindOf({ kind }) })),
    ...parts.filter(({ verdict }) => verdict === 'ask'),
  ];
  const worst = asked.find(({ risk }) => risk === 'beyond') ?? asked[0];
  if (worst) {
    const { risk = 'beyond', rule, pattern } = worst;
    const isOnlyOne = asked.length === 1 && pattern !== undefined;
    const text = worst.text ? `${worst.text}: ${rule}` : rule;
    return { verdict: 'ask', risk, rule: text, ...kindOf(worst), ...(isOnlyOne ? { pattern } : {}) };
  }
  const [first] = parts;
  if (!first) return { verdict: 'ask', risk: 'contained', rule: 'nothing in it runs' };
  return {
    verdict: 'allow',
    rule: parts.length === 1 ? first.rule : [...new Set(parts.map(({ rule }) => rule))].join('; '),
  };
}

function unique(parts: JudgedPart[]): JudgedPart[] {
  const seen = new Map(parts.map((part) => [JSON.stringify(part), part]));
  return [...seen.values()].filter(
    ({ text, verdict, reads, writes }) => text !== '' || verdict !== 'allow' || reads.length + writes.length > 0,
  );
}
