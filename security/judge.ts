import type { PolicyRules } from '../ipc/config.ts';
import type { Effect } from '../tools/tool.ts';
import { judgeCommand } from './command-rules.ts';
import { inScope, namesOutright } from './scope.ts';
import type { Verdict } from './verdict.ts';

export type Ground = {
  /** May the agent write at all? */
  mode: 'read' | 'write';
  /** Globs that the task may write. */
  scope: string[];
  /** Globs of files that define checks: only a scope that names one outright allows writing it. */
  protect: string[];
  commands: PolicyRules;
};

/**
 * The gate: every tool call passes here, and so does every change that a tool computed. It looks at effects, changes
 * nothing and asks nobody. deny > ask > allow; what no rule covers is asked.
 */
export function judge(effects: Effect[], ground: Ground): Verdict {
  let result: Verdict = { verdict: 'allow', rule: 'reads and changes inside the work tree and the scope' };
  for (const effect of effects) {
    const verdict = judgeEffect(effect, ground);
    if (verdict.verdict === 'deny') return verdict;
    if (verdict.verdict === 'ask' || result.verdict === 'allow') result = verdict;
  }
  return result;
}

function judgeEffect(effect: Effect, ground: Ground): Verdict {
  if (effect.kind === 'run') {
    if (ground.mode === 'read') return { verdict: 'deny', rule: 'this agent only reads' };
    return judgeCommand(effect.command, ground.commands);
  }
  if (isOutside(effect.path)) return { verdict: 'deny', rule: `${effect.path} is outside the work tree` };
  if (effect.kind === 'read') return { verdict: 'allow', rule: 'reads inside the work tree' };
  return judgeWrite(effect.path, ground);
}

function judgeWrite(path: string, ground: Ground): Verdict {
  if (ground.mode === 'read') return { verdict: 'deny', rule: 'this agent only reads' };
  if (path === '.git' || path.startsWith('.git/')) return { verdict: 'deny', rule: '.git is never written' };
  if (!inScope(path, ground.scope)) return { verdict: 'deny', rule: `${path} is outside the task's scope` };
  if (inScope(path, ground.protect) && !namesOutright(path, ground.scope))
    return { verdict: 'deny', rule: `${path} defines checks, and the scope does not name it` };
  return { verdict: 'allow', rule: "writes inside the task's scope" };
}

function isOutside(path: string): boolean {
  return path.startsWith('/') || path.split('/').includes('..') || path.includes('\0');
}
