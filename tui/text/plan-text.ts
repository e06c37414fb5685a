import type { CheckResult, Plan, Site } from '../../ipc/plan.ts';
import type { RunState } from '../../state/run-state.ts';

/** How many sites and tasks a person is shown before the rest is only counted. */
const sitesShown = 30;
const tasksShown = 40;

/** The plan as lines of text for a person who is to accept it. Pure. */
export function planText(state: RunState): string[] {
  const plan = state.phase.context.plan;
  if (!plan) return ['There is no plan yet.'];
  return [
    '',
    `Plan: ${plan.goal}`,
    ...(plan.summary ? [`  ${plan.summary}`] : []),
    '',
    ...taskLines(plan),
    ...siteLines(plan),
    ...checkLines(plan, state.phase.context.baseResults ?? []),
    ...estimateLines(plan),
    ...(state.created.models ? [`Models: ${state.created.models}`] : []),
    ...[...state.created.repository.notes, ...state.warnings].map((note) => `Note: ${note}`),
  ];
}

function taskLines(plan: Plan): string[] {
  const lines = [count(plan.tasks.length, 'task')];
  for (const task of plan.tasks.slice(0, tasksShown)) {
    const after = task.after.length > 0 ? `  after ${task.after.join(', ')}` : '';
    const sites = task.sites.length > 0 ? `  ${count(task.sites.length, 'site')}` : '';
    lines.push(`  ${task.id}  ${task.title}  [${task.role}]${sites}${after}`);
    lines.push(`      may write ${shortList(task.scope, 4)}`);
  }
  if (plan.tasks.length > tasksShown) lines.push(`  … and ${plan.tasks.length - tasksShown} more`);
  return lines;
}

function siteLines(plan: Plan): string[] {
  const targets = plan.tasks.flatMap((task) => task.sites);
  if (targets.length + plan.sites.length === 0) return [];
  const other = plan.sites.filter((site) => site.placement === 'other_symbol').length;
  const text = plan.sites.filter((site) => site.placement === 'text').length;
  const unplaced = plan.sites.filter((site) => site.placement === 'unplaced');
  const files = new Set(targets.map((site) => site.path)).size;
  const lines = [
    '',
    `${count(targets.length, 'site')} to change in ${count(files, 'file')}` +
      `; left alone: ${other} of another symbol, ${text} in ${texts}` +
      (unplaced.length > 0 ? `; ${unplaced.length} could not be decided` : ''),
  ];
  lines.push(...targets.slice(0, sitesShown).map((site) => `  todo      ${where(site)}`));
  if (targets.length > sitesShown)
    lines.push(`  … and ${targets.length - sitesShown} more (vtcode show <run> --json has all)`);
  lines.push(...unplaced.slice(0, sitesShown).map((site) => `  unplaced  ${where(site)}  ${site.reason ?? ''}`));
  if (unplaced.length > sitesShown) lines.push(`  … and ${unplaced.length - sitesShown} more unplaced`);
  return lines;
}

/** Where a name stands that is text and no code. */
const texts = 'strings, comments and documents';

/** Every place that a mechanical goal looked at, one a line, those to change first. */
export function sitesText(plan: Plan): string[] {
  const words = { target: 'change', other_symbol: 'other', text: 'text', unplaced: 'unplaced' };
  const all = [...plan.tasks.flatMap((task) => task.sites), ...plan.sites];
  if (all.length === 0) return ['The plan names no places: its tasks are not mechanical.'];
  return all.map((site) => `${words[site.placement].padEnd(9)} ${where(site)}  ${site.reason ?? ''}`.trimEnd());
}

function where(site: Site): string {
  return `${site.path}:${site.line}:${site.column}`;
}

function checkLines(plan: Plan, base: CheckResult[]): string[] {
  if (plan.checks.length === 0) return ['', 'Checks: none. The result will be UNVERIFIED.'];
  const when = base.length > 0 ? 'on the base now and on every tree' : 'on every tree';
  const lines = ['', `Checks, ${when} before it is merged`];
  for (const check of plan.checks) {
    const result = base.find((one) => one.name === check.name);
    const now = !result ? 'not run' : baseWords(result);
    lines.push(`  ${check.name}: ${check.command}${check.directory === '.' ? '' : ` (in ${check.directory})`}  ${now}`);
  }
  if (base.length > 0 && base.every((result) => result.outcome !== 'passed'))
    lines.push('  No check passes on the base: the result will be UNVERIFIED.');
  return lines;
}

function baseWords(result: CheckResult): string {
  const took = `in ${seconds(result.durationMs)}`;
  if (result.outcome === 'passed') return `passes ${took}`;
  if (result.outcome === 'cannot_run')
    return /cannot run here: .*(?=\.$)/m.exec(result.tail)?.[0] ?? 'cannot run here: a program is not found';
  const how = result.timedOut ? 'runs out of time' : `fails already (exit ${result.exitCode ?? 'by a signal'})`;
  return `${how}, so it can only tell that nothing got worse, ${took}`;
}

function estimateLines(plan: Plan): string[] {
  if (!plan.estimate) return [];
  const { modelCalls, tokens, usd, seconds: time, tokensP90 = tokens, usdP90 = usd } = plan.estimate;
  const calls = `Estimate: ${count(modelCalls, 'model call')}, about ${seconds(time * 1000)}`;
  if (tokens === 0) return ['', `${calls}, nothing to pay`];
  const money = usdP90 > 0 ? `$${usd.toFixed(2)}` : 'no price known';
  return [
    '',
    calls,
    `  half of such plans stay below ${thousands(tokens)} tokens (${money}), ` +
      `nine of ten below ${thousands(tokensP90)}${usdP90 > 0 ? ` ($${usdP90.toFixed(2)})` : ''}`,
  ];
}

export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** With commas. Not by `toLocaleString`, whose first use loads the world's languages for 12 ms. */
export function thousands(number: number): string {
  return String(Math.round(number)).replace(/\B(?=(\d{3})+$)/g, ',');
}

export function seconds(milliseconds: number): string {
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  const minutes = Math.floor(milliseconds / 60_000);
  return `${minutes} min ${Math.round((milliseconds % 60_000) / 1000)} s`;
}

export function shortList(items: string[], most: number): string {
  return items.slice(0, most).join(', ') + (items.length > most ? `, and ${items.length - most} more` : '');
}
