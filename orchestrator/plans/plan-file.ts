import { existsSync, readFileSync, statSync } from 'node:fs';
import { parse as parseToml, stringify, TomlError } from 'smol-toml';
import * as z from 'zod/mini';
import { Fault } from '../../ipc/fault.ts';
import { check, type Plan, plan, site, task } from '../../ipc/plan.ts';
import { describeIssue, lineOf } from '../config/toml-location.ts';

const planFile = z.strictObject({
  ...plan.shape,
  tasks: z.array(z.strictObject(task.shape)),
  checks: z._default(z.array(z.strictObject(check.shape)), []),
  sites: z._default(z.array(site), []),
});

/**
 * Reads a plan from a TOML file as `--save-plan` writes it. Throws plan_invalid with file, line and the expected form.
 */
export function readPlanFile(file: string): Plan {
  if (!existsSync(file))
    throw new Fault('plan_invalid', `There is no plan file ${file}.`, {
      advice: 'Make one with: vtcode run --plan "…" --dry-run --save-plan plan.toml',
    });
  if (!statSync(file).isFile())
    throw new Fault('plan_invalid', `${file} is not a file.`, { advice: 'Name the plan file itself.' });
  const text = readFileSync(file, 'utf8');
  const advice = 'Mend that line; a plan saved with --save-plan shows the form.';
  let raw: unknown;
  try {
    raw = parseToml(text);
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    throw new Fault('plan_invalid', `${file}:${cause.line}: ${cause.message.split('\n')[0]}`, { cause, advice });
  }
  const parsed = planFile.safeParse(raw);
  if (parsed.success) return parsed.data as Plan;
  const described = describeIssue(parsed.error.issues[0]!, planFile);
  throw new Fault('plan_invalid', `${file}:${placeOf(text, described.path)}: ${described.what}`, { advice });
}

/** The line of a fault; in a list of tables such as [[tasks]] the right one is found by counting headers. */
function placeOf(text: string, path: PropertyKey[]): number {
  const [table, index, ...rest] = path;
  if (typeof table !== 'string' || typeof index !== 'number') return lineOf(text, path);
  const lines = text.split('\n');
  let seen = -1;
  const start = lines.findIndex((line) => line.replace(/\s/g, '').startsWith(`[[${table}]]`) && ++seen === index);
  if (start === -1) return lineOf(text, path);
  const end = lines.findIndex((line, at) => at > start && line.trimStart().startsWith('['));
  const part = lines.slice(start, end === -1 ? undefined : end).join('\n');
  return start + lineOf(part, rest.filter((key) => typeof key === 'string').slice(0, 1));
}

/** A plan as the TOML text of a plan file. The lists of sites are left out: the next run finds them again. */
export function writePlanFile(whole: Plan): string {
  const { goal, summary, tasks, checks } = whole;
  const words = tasks.map(({ sites: _sites, ...rest }) => rest);
  return `# A plan of vtcode. Edit it, then: vtcode run --plan-file <this file>\n${stringify({ goal, summary, checks, tasks: words })}\n`;
}
