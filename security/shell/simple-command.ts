import type { Assignment, Command } from 'unbash';
import { instructs } from '../paths/instructing.ts';
import { globMeansSecrets, mayBeSecretPath } from '../paths/secret-files.ts';
import type { Look, Suspicion } from '../programs/look.ts';
import { findProgram } from '../programs/table.ts';
import { builtins } from './builtins.ts';
import { expand, expandWhole } from './expand.ts';
import { type Finding, newPart, type Part } from './finding.ts';
import { belowTop, inGit, placeOf, touch } from './paths.ts';
import { redirect } from './redirections.ts';
import { depthMax, type End, inherited, odd, type Scope, stays, subshell, union } from './scope.ts';
import { judgeVariable, mayBeRun } from './variables.ts';
import { anything, isLiteral, listed, shown, type Word, wildcard } from './word.ts';

/** Judges `VARIABLE=value program word … > file`. */
export function simpleCommand(node: Command, scope: Scope): End {
  const part = newPart([]);
  scope.line.parts.push(part);
  const assigned: [Assignment, Word][] = [];
  const words: Word[] = node.name ? expand(node.name, scope) : [];
  let replaced = false;
  let input: string | undefined;
  for (const one of [...node.prefix, ...node.suffix]) {
    if (one.type === 'Word') words.push(...expand(one, scope));
    else if (one.type !== 'Assignment') {
      const text = redirect(one, part, scope);
      if (one.operator !== '<' && !one.operator.startsWith('<<')) continue;
      replaced = true;
      input = text;
    } else if (node.prefix.includes(one)) assigned.push([one, assignment(one, scope)]);
    else words.push(`${one.name}=${assignment(one, scope)}`);
  }
  const isCommand = words.length > 0;
  for (const [{ name, value }, text] of assigned) {
    if (name !== 'IFS' || words[0] !== 'read') judgeVariable(name, text, part, isCommand);
    if (isCommand && commandVariable.test(name) && text !== '' && text !== 'cat') {
      if (isLiteral(text)) scope.line.walkText(text, subshell(scope));
      else odd(scope, 'beyond', 'which commands it runs is known only when it runs');
    }
    // Before some built-in commands, some shells keep a variable that was set for that command only.
    const isKnown = !isCommand && scope.certain && value.type === 'Word' && !scope.variables.has(name);
    scope.variables.set(name, isKnown ? text : anything);
  }
  if (!isCommand) {
    part.words = assigned.map(([{ name }, text]) => `${name}=${shown(text)}`);
    return stays(scope);
  }
  return judgeWords(words, part, replaced ? { ...scope, names: false, input } : scope, scope);
}

function assignment(node: Assignment, scope: Scope): Word {
  if (node.append || node.index || node.value.type !== 'Word') {
    odd(scope, 'contained', `not every shell knows ${node.text.slice(0, 40)}`);
    if (node.index) expandWhole(node.index, scope);
    const elements = node.value.type === 'Word' ? [node.value] : node.value.elements;
    for (const word of elements.flatMap((element) => expand(element, scope)))
      if (mayBeRun(word)) odd(scope, 'beyond', `some shells run what stands in ${shown(word)}`);
    return anything;
  }
  return expandWhole(node.value, scope);
}

/** Variables whose value is a line that git or another program runs. */
const commandVariable =
  /^(GIT_(EXTERNAL_DIFF|SSH_COMMAND|SSH|PAGER|EDITOR|SEQUENCE_EDITOR|ASKPASS|PROXY_COMMAND)|(MAN|AWS_)?PAGER|EDITOR|VISUAL|LESSOPEN|LESSCLOSE|BROWSER)$/;

/** Judges a program with its arguments. `outer` is the scope whose shell runs it: what `cd` and the like change. */
export function judgeWords(words: Word[], part: Part, scope: Scope, outer: Scope = scope): End {
  part.words = words.map(shown);
  part.canonical = part.words;
  const ask = (risk: Finding['risk'], why: string, about: Finding['about'] = 'program') =>
    part.findings.push({ verdict: 'ask', risk, why, about });
  const [name = '', ...args] = words;
  if (scope.depth > depthMax) {
    ask('beyond', 'commands stand in commands too deeply', 'line');
    return stays(scope);
  }
  if (!isLiteral(name)) {
    ask('beyond', 'which program it runs is known only when it runs', 'line');
    return stays(scope);
  }
  const body = scope.functions.get(name);
  const inner = { ...scope, depth: scope.depth + 1 };
  // Whether the function counts here is not known: wrappers start the program, and it may not be defined at all.
  const end = body ? scope.line.walkBody(body, { ...inner, certain: false }) : null;
  // It runs in this shell: what it sets is unknown afterwards, and where it goes the rest may stand.
  if (end) scope.directories = union(scope.directories, union(end.ok, end.failed));
  if (Object.hasOwn(builtins, name)) return builtins[name]!({ args, part, scope: inner, outer, judgeWords, ask });
  let names = false;
  const look = lookOf(part, inner, () => {
    names = !args.some((arg) => globMeansSecrets(arg) || instructs(arg) || mayBeSecretPath(arg, wildcard));
  });
  const own = belowTop(name, scope.tops);
  const found = findProgram(own === null ? name : `./${own}`);
  if (found.runs !== undefined) {
    touch(part, name, 'names', scope);
    const isOutside = name.startsWith('/') && placeOf(name, '', scope.tops).kind === 'system';
    if (isOutside) ask('beyond', `${name} is outside the work tree`, 'path');
  }
  part.looks = found.looks;
  if (found.program) found.program(args, look, found.name);
  else {
    unknownProgram(name, args, part, scope);
    look.mayRun(args);
  }
  return { ...stays(scope), names };
}

/** The walls hold all that the program does, but the paths in its arguments are judged. */
function unknownProgram(name: string, args: Word[], part: Part, scope: Scope) {
  part.findings.push({ verdict: 'ask', risk: 'contained', why: `nothing is known of ${name}`, about: 'program' });
  for (const arg of args) suspect(arg, part, scope);
}

/** Folders that a text of any language means when it begins with them. */
const ofTheSystem =
  /^\/(etc|root|home|proc|sys|var|usr|opt|dev|boot|mnt|srv|run|bin|lib|Users|Library|private|tmp\/\.\.)(\/|$)/;

/** Judges a text of unknown meaning by the paths that stand in it: outside, secret or git's own. */
function suspect(text: Word, part: Part, scope: Scope, how: Suspicion = 'may write') {
  if (text.includes(anything) || text.includes(listed))
    part.findings.push({
      verdict: 'ask',
      risk: 'contained',
      why: 'what it is given is known only when it runs',
      about: 'program',
    });
  const isCode = /[\s()'"`;]/.test(text);
  const pieces = new Set([text, text.replace(/^-\w/, ''), ...text.split(/[\s=,:;|&<>()[\]{}'"`]+/)]);
  if (text.startsWith('@')) pieces.add(text.slice(1));
  for (const piece of pieces) {
    if (piece === '' || piece.includes(anything) || piece.includes(listed)) continue;
    const isForeign = piece.startsWith('/') && !ofTheSystem.test(piece) && belowTop(piece, scope.tops) === null;
    if (isCode && (piece === text || isForeign || /^[*?\ue000]+$/.test(piece))) continue;
    if (piece.startsWith('//') && text !== piece) continue;
    const probe = newPart([]);
    touch(probe, piece, 'read', scope);
    part.findings.push(...probe.findings.filter(({ risk }) => risk === 'beyond'));
    part.perhaps.push(...probe.reads);
    const access = { access: 'perhaps' as const, mayWrite: how !== 'reads', itself: how === 'itself' };
    part.given.push(...probe.given.map(({ path }) => ({ path, ...access })));
    if (how !== 'reads') part.perhapsWritten.push(...probe.reads);
    if (piece.toLowerCase().split('/').includes('.git'))
      part.findings.push({ verdict: 'ask', risk: 'beyond', why: `${shown(piece)} belongs to git`, about: 'path' });
  }
}

/** Programs that destroy, reach outside, run others or that rules usually name: the name rarely means another. */
const worthALook =
  /^(.*\/)?(rm|shred|find|git|sh|bash|dash|zsh|env|xargs|timeout|nohup|curl|wget|ssh|scp|nc|npm|npx|pnpm|yarn|pip3?|docker|podman|pkill|killall|chmod|dd|crontab|systemctl|sudo|su|doas)$/;

/** The command that an unknown program may run: it is allowed no more than if it stood alone. */
function mayRun(words: Word[], scope: Scope) {
  for (const [at, word] of words.entries()) {
    const [first = '', ...more] = word
      .replace(/^(-{0,2}[\w-]+[=:])+/, '')
      .trimStart()
      .split(/\s+/);
    if (!worthALook.test(first)) continue;
    if (more.length > 0) {
      const before = scope.line.parts.length;
      if (isLiteral(word))
        scope.line.walkText(word.slice(word.indexOf(first)), { ...scope, variables: inherited(scope) });
      for (const part of scope.line.parts.slice(before)) part.guessed = true;
      continue;
    }
    if (first !== word) continue;
    const inner = newPart([]);
    scope.line.parts.push(inner);
    judgeWords(words.slice(at), inner, scope);
    return;
  }
}

/** The files inside that a command destroys, as a save names them; null: some lie elsewhere, or it is the whole tree. */
function lostBy(words: Word[], { directories, tops }: Scope, names?: Word): string[] | null {
  const lost: string[] = [];
  for (const word of words)
    for (const directory of directories) {
      const place = placeOf(word, directory, tops);
      if (place.kind === 'private') continue;
      const isWhole = place.kind === 'inside' && names === undefined && /^[./*\ue000]*$/.test(place.path);
      if (place.kind !== 'inside' || isWhole || inGit(place.path) || !/^[^\ue001\ue002]*$/.test(names ?? ''))
        return null;
      lost.push(names === undefined ? place.path : `${place.path === '.' ? '' : `${place.path}/`}${wildcard}${names}`);
    }
  return lost;
}

function lookOf(part: Part, scope: Scope, lists: () => void): Look {
  const nested = (more: Partial<Scope>) => subshell(scope, more);
  return {
    hasNames: scope.names,
    input: scope.input,
    suspect: (text, how) => suspect(text, part, scope, how),
    lists,
    read: (word, how) => {
      touch(part, word, 'read', scope, 'path', how === 'itself');
      // Many programs take more words from a file that is named so.
      if (word.length > 1 && word.startsWith('@')) touch(part, word.slice(1), 'read', scope);
    },
    names: (word) => touch(part, word, 'names', scope),
    write: (word, how) => touch(part, word, 'write', scope, 'path', how === 'itself'),
    ask: (risk, why, about = 'program', kind) =>
      part.findings.push({ verdict: 'ask', risk, why, about, ...(kind && { kind }) }),
    deny: (why) => part.findings.push({ verdict: 'deny', risk: 'beyond', why, about: 'program' }),
    destroys: (words, why, { names, risk = 'beyond' } = {}) => {
      const lost = lostBy(words, scope, names);
      part.findings.push({ verdict: 'ask', risk, why, about: 'program', ...(lost && { destroys: lost }) });
    },
    fetches: (registry, what) => {
      const why = `${what} needs the ${registry} registry`;
      part.findings.push({ verdict: 'ask', risk: 'beyond', why, about: 'program', kind: 'network', registry });
    },
    isKnown: (word) =>
      scope.directories.every((directory) => {
        const place = placeOf(word, directory, scope.tops);
        return place.kind === 'inside' || (place.kind === 'system' && place.files);
      }),
    variable: (name, value) => judgeVariable(name, value, part, true),
    canonical: (words) => {
      part.canonical = words.map(shown);
    },
    run: (words, how = {}) => {
      if (words.length === 0) return;
      const inner = newPart([]);
      scope.line.parts.push(inner);
      judgeWords(words, inner, nested(how.names === undefined ? {} : { names: how.names }));
    },
    mayRun: (words) => mayRun(words, nested({ names: false, input: undefined })),
    script: (text) => {
      // A shell reads its lines from this input, so its commands cannot read anything else from it.
      const input = text === scope.input ? undefined : scope.input;
      if (isLiteral(text)) scope.line.walkText(text, nested({ variables: new Map(), input, bash: false }));
      else odd(scope, 'beyond', 'which commands it runs is known only when it runs');
    },
  };
}
