import type { Redirection } from 'unbash';
import { expand, expandWhole } from './expand.ts';
import type { Part } from './finding.ts';
import { touch } from './paths.ts';
import { odd, type Scope } from './scope.ts';
import { isLiteral } from './word.ts';

/** Judges one redirection of a command. Answers the text of a here document, where all of it is known. */
export function redirect(node: Redirection, part: Part, scope: Scope): string | undefined {
  if (node.descriptor?.type === 'FileDescriptorVariable') odd(scope, 'beyond', 'shells disagree on what {name}> means');
  switch (node.type) {
    case 'HereDoc':
      if (!node.closing) odd(scope, 'beyond', 'a here document has no end');
      if (node.delimiter?.quoted || !node.body.parts) return node.body.text;
      return known(expandWhole({ type: 'Word', text: '', value: '', pos: 0, end: 0, parts: node.body.parts }, scope));
    case 'HereString':
      odd(scope, 'contained', 'not every shell knows <<<');
      return node.target ? known(expandWhole(node.target, scope)) : undefined;
    case 'Redirect':
      redirectFile(node, part, scope);
      return undefined;
    default:
      odd(scope, 'beyond', 'a redirection is not understood');
      return undefined;
  }
}

function known(text: string): string | undefined {
  return isLiteral(text) ? text : undefined;
}

function redirectFile(node: Extract<Redirection, { type: 'Redirect' }>, part: Part, scope: Scope) {
  const words = node.target ? expand(node.target, scope) : [];
  const [word] = words;
  if (word === undefined || words.length > 1) return odd(scope, 'beyond', 'where a redirection leads is not known');
  switch (node.operator) {
    case '<':
      return touch(part, word, 'read', scope, 'line');
    case '>':
    case '>>':
    case '>|':
      return touch(part, word, 'write', scope, 'line');
    case '<>':
      touch(part, word, 'read', scope, 'line');
      return touch(part, word, 'write', scope, 'line');
    case '>&':
    case '<&':
      if (/^(\d|-)$/.test(word)) return;
      odd(scope, 'contained', `shells disagree on what ${node.operator} before a name means`);
      return touch(part, word, 'write', scope, 'line');
    case '&>':
    case '&>>':
      odd(scope, 'contained', `shells disagree on what ${node.operator} means`);
      return touch(part, word, 'write', scope, 'line');
    default:
      return odd(scope, 'beyond', `${node.operator as string} is not understood`);
  }
}
