import type { Answer, ApprovalScope } from '../../ipc/approval.ts';
import type { EventOf } from '../../ipc/events.ts';
import { oneLine } from './safe-text.ts';

/** The question about a tool call that waits for approval, and the meaning of the answer. Pure. */

const scopes: Record<string, ApprovalScope> = {
  ...{ y: 'once', yes: 'once', t: 'task', task: 'task', r: 'run', run: 'run', a: 'always', always: 'always' },
};

/**
 * The answer that typed words mean: exactly one of the words that the question names, or `no` and perhaps why. Null: none of
 * them, and nothing is answered.
 */
export function answerOf({ approval, pattern }: EventOf<'approval.requested'>, said: string): Answer | null {
  const words = said.trim();
  const [, reason] = /^(?:n|no)\b[\s,.:;-]*(.*)$/is.exec(words) ?? [];
  if (reason !== undefined) return { approval, answer: 'deny', scope: 'once', ...(reason !== '' && { reason }) };
  const scope = scopes[words.toLowerCase()];
  if (scope === undefined || (scope === 'always' && pattern === undefined)) return null;
  return { approval, answer: 'allow', scope };
}

/** The words of a question; `later`: what anything else means. */
export function choices({ pattern }: EventOf<'approval.requested'>, later: string): string {
  const always = pattern === undefined ? '' : `, [a]lways (${pattern})`;
  return `  [y]es once, for this [t]ask, for this [r]un${always}, [n]o and why, anything else: ${later}  `;
}

/** The question in lines: exactly what the call would do, where, and which rule asks. */
export function questionLines(asked: EventOf<'approval.requested'>, run: string | null): string[] {
  const { exact, rule, risk, approval, agent, pattern, deadline } = asked;
  const files = [
    ...exact.files.map((file) => `    writes ${oneLine(file)}`),
    ...(exact.preview ?? []).map((line) => `    ${line}`),
  ];
  return [
    `? ${approval}  ${run === null ? agent : `${run}/${agent}`} asks to ${exact.command === undefined ? 'do' : 'run'}, in ${oneLine(exact.directory)}:`,
    ...(exact.command === undefined ? [oneLine(exact.summary)] : exact.summary.split('\n')).map(
      (line) => `    ${line}`,
    ),
    ...files,
    `  why it is asked: ${oneLine(rule)}; ${risk === 'contained' ? 'the walls would hold it' : 'the walls would not make it harmless'}`,
    `  denied unless it is answered by ${deadline.slice(0, 16).replace('T', ' ')} UTC`,
    `  for longer than once it stands for: ${oneLine(pattern ?? longer(exact))}`,
  ];
}

/** The scope of an answer for the task or the run where there is no pattern. */
function longer({ files, reads }: EventOf<'approval.requested'>['exact']): string {
  if (files.length > 0) return `any change of ${files.join(', ')}`;
  return reads.length > 0 ? `reading ${reads.join(', ')}` : 'exactly the same again';
}
