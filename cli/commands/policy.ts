import { explainCommand } from '../../orchestrator/operations/explain-command.ts';
import type { Outcome, Session } from '../session.ts';

const exitCodes = { allow: 0, ask: 3, deny: 1 };
const risks = { contained: 'asked, and allowed by --auto: the walls hold it', beyond: 'asked, also by --auto' };

/** `vtcode policy explain`: the verdict on a line, and why, command by command. */
export default async function policy(
  session: Session,
  options: Record<string, unknown>,
  words: string[],
): Promise<Outcome> {
  const { parts, ...line } = explainCommand(words[1] ?? '', String(options.C ?? '.'), session.place);
  session.emit({ ...line, parts });
  session.say(`${wordsOf(line)}`, `  ${line.rule}`);
  if (line.pattern) session.say(`  this rule would allow it: policy.commands.allow = ["${line.pattern}"]`);
  for (const part of parts) {
    session.say('', `${part.text || '(the line around it)'}`, `  ${wordsOf(part)}: ${part.rule}`);
    if (part.reads.length > 0) session.say(`  reads  ${part.reads.join(', ')}`);
    if (part.writes.length > 0) session.say(`  writes ${part.writes.join(', ')}`);
    if (part.destroys)
      session.say(`  destroys ${part.destroys.join(', ')}: in a run, --auto allows that if a save can bring it back`);
    if (part.pattern) session.say(`  this rule would allow it: policy.commands.allow = ["${part.pattern}"]`);
  }
  return { exitCode: exitCodes[line.verdict] };
}

function wordsOf({ verdict, risk }: { verdict: 'allow' | 'ask' | 'deny'; risk?: 'contained' | 'beyond' }): string {
  return verdict === 'ask' ? risks[risk ?? 'beyond'] : { allow: 'allowed', deny: 'denied' }[verdict];
}
