import type {
  AndOr,
  ArithmeticFor,
  Pipeline,
  Redirection,
  Script,
  Statement,
  SyntaxNode,
  TestExpression,
} from 'unbash';
import { calculate, expand, expandWhole } from './expand.ts';
import { type Finding, newPart } from './finding.ts';
import { parseLine } from './parse.ts';
import { touch } from './paths.ts';
import { redirect } from './redirections.ts';
import { depthMax, type End, type GatheredLine, odd, type Scope, stays, subshell, union } from './scope.ts';
import { simpleCommand } from './simple-command.ts';
import { anything, shown, wildcard } from './word.ts';

/**
 * Walks everything that a line may run, in the order in which it runs. A kind of node that is not named here is not
 * understood. Never throws.
 */
export function walkLine(text: string, scope: Scope): End {
  if (scope.depth > depthMax) {
    odd(scope, 'beyond', 'commands stand in commands too deeply');
    return stays(scope);
  }
  if (/(^|[^\\])(\\\\)*\\$/.test(text)) odd(scope, 'beyond', 'it ends with a backslash');
  const script = parseLine(text);
  const [error] = script.errors ?? [];
  if (error) odd(scope, 'beyond', `the line is not understood: ${error.message}`);
  return walkScript(script, { ...scope, depth: scope.depth + 1 });
}

/** A line with nothing in it yet. */
export function newLine(): GatheredLine {
  return {
    parts: [],
    findings: [],
    walk: walkScript,
    walkBody: (body, scope) => walkNode(body, scope),
    walkText: walkLine,
  };
}

function walkScript(script: Script, scope: Scope): End {
  return walkStatements(script.commands, scope);
}

/** Statements one after the other. Afterwards the scope holds every folder that any of them may have left it in. */
function walkStatements(statements: readonly Statement[], scope: Scope): End {
  let end = stays(scope);
  for (const [at, statement] of statements.entries()) {
    if (at > 0) scope.directories = union(end.ok, end.failed);
    end = walkStatement(statement, scope);
  }
  return end;
}

function walkStatement(statement: Statement, scope: Scope): End {
  if (statement.type !== 'Statement') return unknown(statement, scope);
  if (!statement.background) return walkNode(statement.command, scope);
  walkNode(statement.command, subshell(scope));
  return stays(scope);
}

/** A limit: a line that runs more commands than this, counting each round of a loop, is not judged to its end. */
const partsMax = 500;

function walkNode(node: SyntaxNode, scope: Scope): End {
  if (scope.line.parts.length > partsMax) {
    if (scope.line.findings.at(-1) !== tooMany) scope.line.findings.push(tooMany);
    return stays(scope);
  }
  switch (node.type) {
    case 'Command':
      return simpleCommand(node, scope);
    case 'AndOr':
      return walkAndOr(node, scope);
    case 'Pipeline':
      return walkPipeline(node, scope);
    case 'Subshell':
      walkStatements(node.body.commands, subshell(scope));
      return stays(scope);
    case 'BraceGroup':
      return walkStatements(node.body.commands, scope);
    case 'CompoundList':
      return walkStatements(node.commands, scope);
    case 'Redirected':
      return walkRedirected(node.redirects, node.command, scope);
    case 'If':
    case 'While':
    case 'For':
    case 'Case':
    case 'Function':
      return walkCompound(node, scope);
    case 'TestCommand':
      odd(scope, 'contained', 'not every shell knows [[');
      walkTest(node.expression, scope);
      return stays(scope);
    case 'ArithmeticCommand':
      if (node.expression) calculate(node.expression, scope);
      return scope.bash ? bashOnly(scope) : unknown(node, scope);
    case 'ArithmeticFor':
      return scope.bash ? countingLoop(node, scope) : unknown(node, scope);
    default:
      return unknown(node, scope);
  }
}

const tooMany: Finding = {
  verdict: 'ask',
  risk: 'beyond',
  why: `it runs more than ${partsMax} commands`,
  about: 'line',
};

function unknown(node: { type: string }, scope: Scope): End {
  odd(scope, 'beyond', `${node.type} is not understood`);
  return stays(scope);
}

/** `((…))`: bash calculates, and runs nothing but what stands in the brackets. */
function bashOnly(scope: Scope): End {
  odd(scope, 'contained', 'not every shell knows ((');
  return stays(scope);
}

function countingLoop({ initialize, test, update, body }: ArithmeticFor, scope: Scope): End {
  const inside = { ...scope, certain: false };
  for (const part of [initialize, test, update]) if (part) calculate(part, inside);
  bashOnly(scope);
  return repeat(inside, (round) => walkStatements(body.commands, round));
}

function walkAndOr(node: AndOr, scope: Scope): End {
  let end = walkNode(node.commands[0]!, scope);
  for (const [at, operator] of node.operators.entries()) {
    const command = node.commands[at + 1];
    if (!command) continue;
    const before = end;
    const next = walkNode(command, {
      ...scope,
      directories: operator === '&&' ? before.ok : before.failed,
      certain: false,
    });
    if (operator === '&&') end = { ok: next.ok, failed: union(before.failed, next.failed) };
    else end = { ok: union(before.ok, next.ok), failed: next.failed };
  }
  return end;
}

function walkPipeline(node: Pipeline, scope: Scope): End {
  if (node.operators.includes('|&')) odd(scope, 'contained', 'shells disagree on what |& means');
  if (node.commands.length === 1) {
    const end = walkNode(node.commands[0]!, scope);
    return node.prefixes.some(({ type }) => type === 'Negation') ? { ok: end.failed, failed: end.ok } : end;
  }
  let names = scope.names;
  for (const command of node.commands)
    names = walkNode(command, subshell(scope, { names, input: undefined })).names ?? false;
  return { ...stays(scope), names };
}

function walkRedirected(redirects: readonly Redirection[], command: SyntaxNode, scope: Scope): End {
  const part = newPart([]);
  scope.line.parts.push(part);
  let inside = scope;
  for (const one of redirects) {
    const input = redirect(one, part, scope);
    if (one.operator === '<' || one.operator.startsWith('<<')) inside = { ...scope, names: false, input };
  }
  return walkNode(command, inside);
}

type Compound = Extract<SyntaxNode, { type: 'If' | 'While' | 'For' | 'Case' | 'Function' }>;

function walkCompound(node: Compound, scope: Scope): End {
  const maybe = { ...scope, certain: false };
  switch (node.type) {
    case 'If':
      return walkIf(node, maybe);
    case 'While':
      return repeat(maybe, (inside) => {
        const { ok } = walkStatements(node.clause.commands, inside);
        return walkStatements(node.body.commands, { ...inside, directories: ok });
      });
    case 'For': {
      const values = (node.wordlist ?? []).flatMap((word) => expand(word, scope));
      const known = node.wordlist && values.length <= 32 ? values : [anything];
      scope.variables.set(node.name.value, anything);
      return repeat(maybe, (inside) => {
        let end = stays(inside);
        for (const value of known) {
          scope.variables.set(node.name.value, value);
          end = walkStatements(node.body.commands, { ...inside, directories: union(end.ok, end.failed) });
        }
        scope.variables.set(node.name.value, anything);
        return end;
      });
    }
    case 'Case': {
      expandWhole(node.word, scope);
      let left = maybe.directories;
      for (const item of node.items) {
        for (const pattern of item.pattern) expandWhole(pattern, scope);
        const end = walkStatements(item.body.commands, { ...maybe });
        left = union(left, union(end.ok, end.failed));
      }
      return { ok: left, failed: left };
    }
    case 'Function': {
      scope.functions.set(node.name.value, node.body);
      odd(scope, 'contained', `it gives the name ${node.name.value} another meaning`);
      walkNode(
        node.body,
        subshell(maybe, { variables: new Map([...scope.variables.keys()].map((key) => [key, anything])) }),
      );
      return stays(scope);
    }
  }
}

function walkIf(node: Extract<SyntaxNode, { type: 'If' }>, scope: Scope): End {
  let left: End['ok'] = [];
  let here = scope;
  for (const branch of [node, ...node.elif]) {
    const clause = walkStatements(branch.clause.commands, { ...here });
    const end = walkStatements(branch.then.commands, { ...here, directories: clause.ok });
    left = union(left, union(end.ok, end.failed));
    here = { ...here, directories: clause.failed };
  }
  const end = node.else ? walkStatements(node.else.commands, here) : stays(here);
  left = union(left, union(end.ok, end.failed));
  return { ok: left, failed: left };
}

/** A loop: walked again while a round changes a state that the next round would see. */
function repeat(scope: Scope, round: (inside: Scope) => End): End {
  for (let rounds = 0; rounds < 4; rounds += 1) {
    const before = scope.directories.length;
    const variables = JSON.stringify([...scope.variables]);
    const end = round({ ...scope });
    scope.directories = union(scope.directories, union(end.ok, end.failed));
    if (scope.directories.length === before && variables === JSON.stringify([...scope.variables])) return stays(scope);
  }
  scope.directories = [null];
  round({ ...scope });
  return stays(scope);
}

/** `[[ … ]]`: walks the substitutions in its words. A shell that does not know it takes `>` for a redirection. */
function walkTest(expression: TestExpression, scope: Scope) {
  switch (expression.type) {
    case 'TestUnary': {
      const operand = expandWhole(expression.operand, scope);
      if (expression.operator === '-v' && !/^\w+$/.test(operand))
        odd(scope, 'beyond', `some shells run what stands in ${shown(operand)}`);
      return;
    }
    case 'TestBinary': {
      expandWhole(expression.left, scope);
      const right = expandWhole(expression.right, scope);
      if (scope.bash) return;
      if (/[|&;()<>]/.test(expression.right.text + expression.left.text))
        odd(scope, 'beyond', 'a shell that does not know [[ runs what stands behind |');
      if (!/^[<>]$/.test(expression.operator)) return;
      const part = newPart(['[[']);
      scope.line.parts.push(part);
      touch(part, right.replaceAll(/[*?]/g, wildcard), 'write', scope, 'line');
      return;
    }
    case 'TestLogical':
      if (!scope.bash) odd(scope, 'beyond', 'a shell that does not know [[ runs what stands behind && and ||');
      for (const operand of expression.operands) walkTest(operand, scope);
      return;
    case 'TestNot':
      return walkTest(expression.operand, scope);
    case 'TestGroup':
      if (!scope.bash) odd(scope, 'beyond', 'a shell that does not know [[ runs what stands in brackets');
      return walkTest(expression.expression, scope);
    default:
      odd(scope, 'beyond', 'a test is not understood');
  }
}
