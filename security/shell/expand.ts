import type { ArithmeticExpression, Command, ParameterExpansionPart, Script, Word as WordNode, WordPart } from 'unbash';
import { isOrdinaryFile } from '../paths/file-endings.ts';
import { forget, odd, type Scope, subshell } from './scope.ts';
import { anything, isLiteral, listed, type Word, wildcard } from './word.ts';

/**
 * The known part of a word's expansion when the line runs: usually one word, several where braces
 * stand, none where an empty variable stands alone. Where an expansion is not quoted, `anything` follows: the shell may
 * split it into words that are unknown here. Commands that are substituted are walked on the way.
 */
export function expand(node: WordNode, scope: Scope): Word[] {
  if (!node.parts) return [node.value];
  let texts = [''];
  let splits = false;
  let isQuoted = false;
  for (const part of node.parts) {
    if (part.type === 'BraceExpansion') {
      inside(part, scope);
      const alternatives = bracesOf(part.text, scope);
      texts = texts.flatMap((text) => alternatives.map((alternative) => text + alternative)).slice(0, 64);
      continue;
    }
    if (part.type === 'DoubleQuoted' || part.type === 'SingleQuoted') isQuoted = true;
    const text = textOf(part, scope, false, node.parts.length === 1);
    if (expands(part) && !harmless.test(text)) splits = true;
    texts = texts.map((before) => before + text);
  }
  // More words may follow that are not known; behind the name of an ordinary file they are taken for names like it.
  if (splits)
    return [
      ...texts,
      texts.every((text) => text.includes('/') && isLiteral(text.slice(text.lastIndexOf('/'))) && isOrdinaryFile(text))
        ? listed
        : anything,
    ];
  return texts.filter((text) => text !== '' || isQuoted);
}

/** A word where the shell splits nothing and knows no file names: an assignment, a redirection, a here document. */
export function expandWhole(node: WordNode, scope: Scope): Word {
  if (!node.parts) return node.value;
  const isAlone = node.parts.length === 1;
  return node.parts.map((part) => textOf(part, scope, true, isAlone)).join('');
}

/** The values of an unquoted expansion that the shell neither splits nor matches with file names. */
const harmless = /^[\w./@%+=:,\ue000\ue002\ue003-]*$/;

function expands(part: WordPart): boolean {
  return part.type === 'SimpleExpansion' || part.type === 'ParameterExpansion' || part.type === 'CommandExpansion';
}

/** `isAlone`: the word has no other part. */
function textOf(part: WordPart, scope: Scope, whole: boolean, isAlone = false): Word {
  switch (part.type) {
    case 'Literal':
    case 'SingleQuoted':
      return part.value;
    case 'Glob':
      return whole ? part.text : wildcard;
    case 'DoubleQuoted':
      return part.parts.map((child) => textOf(child, scope, true, isAlone && part.parts.length === 1)).join('');
    case 'SimpleExpansion':
      return variable(part.text.replace(/^\$/, ''), scope);
    case 'ParameterExpansion':
      return parameterOf(part, scope);
    case 'CommandExpansion':
      // Shells disagree on what a backslash means inside backquotes.
      if (part.text.startsWith('`') && part.text.includes('\\'))
        odd(scope, 'beyond', 'backquotes with a backslash in them are not understood; write $(…)');
      return substitute(part.script, scope, isAlone);
    case 'ArithmeticExpansion':
      if (!part.expression || part.text.startsWith('$[')) odd(scope, 'beyond', `${part.text} is not understood`);
      if (part.expression) calculate(part.expression, scope);
      return '0';
    case 'ProcessSubstitution':
      odd(scope, 'contained', `not every shell knows ${part.operator}(…)`);
      substitute(part.script, scope);
      return '/dev/fd/63';
    case 'AnsiCQuoted':
    case 'LocaleString':
      // To a shell that does not know them such a string ends at a quote that others take for a part of it.
      odd(
        scope,
        part.text.includes("\\'") ? 'beyond' : 'contained',
        `shells disagree on what ${part.text.slice(0, 2)}… means`,
      );
      return anything;
    case 'ExtendedGlob':
      odd(scope, 'contained', `shells disagree on what ${part.text} means`);
      inside(part, scope);
      return anything;
    default:
      odd(scope, 'beyond', `${(part as WordPart).type} is not understood`);
      return anything;
  }
}

/** Walks what stands inside braces and patterns. */
function inside({ text, parts }: { text: string; parts?: readonly WordPart[] | undefined }, scope: Scope) {
  for (const part of parts ?? []) textOf(part, scope, true);
  if (!parts && /[$`]/.test(text)) odd(scope, 'beyond', `${text} is not understood`);
}

/** Variables that the hands set for every command; no other environment variable belongs in a path. */
const given = new Map<string, Word>([
  ['TMPDIR', '/tmp'],
  ['HOME', '~'],
]);

function variable(name: string, scope: Scope): Word {
  if (/^[?#$]$/.test(name)) return '0';
  return scope.variables.get(name) ?? given.get(name) ?? (name === 'PWD' ? folder(scope) : anything);
}

/** The output of `pwd`, where one folder is known. */
function folder({ directories, tops }: Scope): Word {
  const [directory, other] = directories;
  if (directory === undefined || directory === null || other !== undefined) return anything;
  return directory.startsWith('/') ? directory : [tops[0], directory].filter(Boolean).join('/');
}

function parameterOf(part: ParameterExpansionPart, scope: Scope): Word {
  const { operation, prefix, index, parameter } = part;
  if (index || prefix === '!') odd(scope, 'contained', `shells disagree on what ${part.text} means`);
  if (index) expandWhole(index, scope);
  if (prefix === '#' && !operation) return '0';
  if (prefix !== undefined || index) return anything;
  if (!operation) return variable(parameter, scope);
  // Whether a single quote in here quotes depends on what stands around it, and on the shell.
  if (/'[\s\S]*[$`]/.test(part.text.slice(2))) odd(scope, 'beyond', `${part.text} is not understood`);
  switch (operation.type) {
    case 'Default':
      expandWhole(operation.operand, scope);
      if (operation.operator.includes('=')) scope.variables.set(parameter, anything);
      return anything;
    case 'Remove': {
      expandWhole(operation.operand, scope);
      const value = variable(parameter, scope);
      if (!operation.operator.startsWith('%') || /\ue001|^[/~]/.test(value)) return anything;
      // The result begins as the value does, up to the first place where it might be cut; the rest is unknown.
      const known = value.slice(0, value.lastIndexOf('/') + 1);
      return value.includes('..') ? anything : known + (value === listed ? listed : wildcard);
    }
    case 'Slice':
    case 'Replace':
    case 'CaseModification':
    case 'Transform':
    case 'Names':
    case 'Unknown':
      odd(scope, 'contained', `shells disagree on what ${part.text} means`);
      for (const word of Object.values(operation))
        if (typeof word === 'object' && word.type === 'Word') expandWhole(word, scope);
      return anything;
    default:
      odd(scope, 'beyond', `${part.text} is not understood`);
      return anything;
  }
}

function substitute(
  script: (Script & { errors?: readonly unknown[] | undefined }) | undefined,
  scope: Scope,
  isAlone = false,
): Word {
  if (!script || (script.errors?.length ?? 0) > 0) {
    odd(scope, 'beyond', 'a command inside the line is not understood');
    return anything;
  }
  const source = script.commands.length === 1 ? script.commands[0]?.command : undefined;
  const end = scope.line.walk(script, subshell(scope, { names: false }));
  const printed = source?.type === 'Command' && source.redirects.length === 0 ? output(source, scope, isAlone) : null;
  if (printed !== null) return printed;
  return source && end.names ? listed : anything;
}

/** The output of a command for which it is known; otherwise null. */
function output({ name, suffix }: Command, scope: Scope, isAlone: boolean): Word | null {
  if (scope.functions.has(name?.text ?? '')) return null;
  const words = [name?.text, ...suffix.map((one) => (one.type === 'Word' && !one.parts ? one.value : anything))];
  const line = words.join(' ');
  if (line === 'pwd') return folder(scope);
  if (line === 'nproc') return '0';
  const isInside = scope.directories.every((directory) => directory !== null && !directory.startsWith('/'));
  if (line === 'git rev-parse --show-toplevel' && isInside) return scope.tops[0] ?? anything;
  // The path of a program stands for the program; where there is none it is empty, and a longer word is another.
  return isAlone && /^(which|command -v|type -[pP]) [\w.+-]+$/.test(line) ? (words.at(-1) ?? anything) : null;
}

/** Numbers are safe. Some shells evaluate a name again, so its value may be a command. */
export function calculate(expression: ArithmeticExpression, scope: Scope) {
  switch (expression.type) {
    case 'ArithmeticBinary':
      calculate(expression.left, scope);
      calculate(expression.right, scope);
      if (/[^=!<>]=$|^=$|[<>]{2}=$/.test(expression.operator)) forget(scope);
      return;
    case 'ArithmeticUnary':
      if (expression.operator.length === 2) forget(scope);
      return calculate(expression.operand, scope);
    case 'ArithmeticTernary':
      calculate(expression.test, scope);
      calculate(expression.consequent, scope);
      return calculate(expression.alternate, scope);
    case 'ArithmeticGroup':
      return calculate(expression.expression, scope);
    case 'ArithmeticCommandExpansion':
      substitute(expression.script, scope);
      return odd(scope, 'contained', 'what it calculates with is known only when it runs');
    case 'ArithmeticWord':
      for (const part of expression.parts ?? []) textOf(part, scope, true);
      if (!/^(\d+|\$[?#])$/.test(expression.value))
        odd(scope, 'contained', `what ${expression.value} holds is known only when it runs`);
      return;
    default:
      odd(scope, 'beyond', 'a calculation is not understood');
  }
}

/** `{a,b}` is two words in some shells and one in others: all of them count. */
function bracesOf(text: string, scope: Scope): Word[] {
  odd(scope, 'contained', `shells disagree on what ${text} means`);
  const inner = text.slice(1, -1);
  if (/^[\w.]+\.\.[\w.]+$/.test(inner)) return [wildcard];
  if (/[$`'"\\*?[\]()]/.test(inner) || !inner.includes(',')) return [anything];
  return [...alternativesOf(inner), text].filter((one) => isLiteral(one));
}

/** The alternatives of a brace, with the braces in them taken apart too: `b,c/{d,e}` is `b`, `c/d` and `c/e`. */
function alternativesOf(inner: string): string[] {
  const found: string[] = [];
  let [depth, from] = [0, 0];
  for (let at = 0; at <= inner.length; at += 1) {
    if (inner[at] === '{') depth += 1;
    if (inner[at] === '}') depth -= 1;
    if (at < inner.length && (inner[at] !== ',' || depth > 0)) continue;
    const one = inner.slice(from, at);
    from = at + 1;
    const nested = /^([^{}]*)\{((?:[^{}]|\{[^{}]*\})*)\}([^{}]*)$/.exec(one);
    if (!nested) found.push(/[{}]/.test(one) ? anything : one);
    else for (const middle of alternativesOf(nested[2]!)) found.push(`${nested[1]}${middle}${nested[3]}`);
  }
  return found.slice(0, 64);
}
