import type { Manifest, ManifestTask } from '../../ipc/manifest.ts';
import { count, seconds, thousands } from '../../tui/text/plan-text.ts';

/** The summary of a run at the end of a command: its state, its tasks and the next commands to use. Pure. */
export function summaryText(manifest: Manifest): string[] {
  return [
    '',
    headline(manifest),
    ...taskLines(manifest),
    ...siteLines(manifest),
    ...checkLines(manifest),
    ...modelLines(manifest),
    ...nextLines(manifest),
  ];
}

function headline(manifest: Manifest): string {
  const took = seconds(Date.parse(manifest.updatedAt) - Date.parse(manifest.startedAt));
  const reason = manifest.reason === '' ? '' : `: ${manifest.reason}`;
  return `${manifest.run}  ${manifest.word.toUpperCase()}${reason}  (${took}, ${count(manifest.usage.calls, 'model call')})`;
}

function taskLines(manifest: Manifest): string[] {
  return manifest.tasks.map((task) => `  ${taskMark[task.state]} ${task.id}  ${task.title}${taskTail(task)}`);
}

export const taskMark: Record<ManifestTask['state'], string> = {
  waiting: '·',
  working: '>',
  checking: '?',
  merging: '+',
  merged: '✓',
  parked: '✗',
  undone: '↶',
};

function taskTail(task: ManifestTask): string {
  const parts: string[] = [];
  if (task.state === 'parked') parts.push(`parked: ${task.reason}`);
  if (task.commit) parts.push(task.commit.slice(0, 10), count(task.files.length, 'file'));
  if (task.attempts > 1) parts.push(`${task.attempts} attempts`);
  return parts.length > 0 ? `  (${parts.join(', ')})` : '';
}

/** The most places that are listed. */
const placesMax = 20;

function siteLines(manifest: Manifest): string[] {
  const { sites } = manifest;
  if (sites.total + sites.unplaced === 0) return [];
  const left = `${sites.otherSymbol} of another symbol, ${sites.text} in strings, comments and documents`;
  const lines = [`  sites: ${sites.done} of ${sites.total} done; left alone: ${left}`];
  // A plan that was stopped by them has named them as its reason already.
  if (manifest.unplaced.length > 0 && manifest.outcome !== 'failed') {
    lines.push(
      `  ${count(manifest.unplaced.length, 'place')} could not be decided and ${manifest.unplaced.length === 1 ? 'was' : 'were'} left as found:`,
    );
    lines.push(...placeLines(manifest.unplaced, manifest.unplaced.length));
  }
  if (manifest.mentions.length > 0) {
    lines.push('  strings, comments and documents that name it stay as they are:');
    lines.push(...placeLines(manifest.mentions, sites.text));
  }
  return lines;
}

/** The first places of a list, and the number of the others. */
function placeLines(places: Manifest['unplaced'], count: number): string[] {
  const shown = places.slice(0, placesMax);
  const lines = shown.map((site) => `    ${site.path}:${site.line}:${site.column}  ${site.reason ?? ''}`);
  return count > shown.length ? [...lines, `    and ${count - shown.length} more (vtcode show <run> --sites)`] : lines;
}

function checkLines(manifest: Manifest): string[] {
  const last = manifest.tasks.findLast((task) => task.checks.length > 0);
  const words = (last?.checks ?? []).map(
    (check) => `${check.name} ${check.outcome.replace('_', ' ')} (${seconds(check.durationMs)})`,
  );
  const lines = words.length > 0 ? [`  checks of ${last?.id}: ${words.join(', ')}`] : [];
  for (const failed of (last?.checks ?? []).filter((check) => check.outcome === 'failed'))
    lines.push(
      ...failed.tail
        .trimEnd()
        .split('\n')
        .slice(-12)
        .map((line) => `    | ${line}`),
      `    whole output: ${failed.outputPath}`,
    );
  if (!manifest.verified && manifest.tasks.some((task) => task.state === 'merged'))
    lines.push('  UNVERIFIED: no check that passes on the base has passed on the result.');
  return lines;
}

/** The cost of each model, and why models were changed; nothing for a run that used only the embedded model. */
function modelLines({ usage, models, switches }: Manifest): string[] {
  const used = Object.entries(models).filter(([name]) => name !== 'embedded');
  if (used.length === 0 && switches.length === 0) return [];
  const tokens = thousands(usage.inputTokens + usage.outputTokens);
  const lines = [
    `  models: ${used.map(([name, calls]) => `${name} (${count(calls, 'answer')})`).join(', ')}; ${tokens} tokens, $${usage.usd.toFixed(4)}`,
  ];
  const [first] = switches;
  if (first)
    lines.push(
      `  ${count(switches.length, 'change')} of model; the first from ${first.from} to ${first.to}: ${first.reason}`,
    );
  return lines;
}

function nextLines(manifest: Manifest): string[] {
  const { run, branch } = manifest;
  if (manifest.state === 'waiting')
    return [`  accept:  vtcode approve ${run}     decline:  vtcode approve ${run} --decline`];
  const lines: string[] = [];
  if (manifest.state === 'interrupted') lines.push(`  go on:  vtcode resume ${run}`);
  if (manifest.tip) {
    const from = manifest.base ?? manifest.repository.head;
    lines.push(
      `  look:   git diff ${from.slice(0, 10)} ${branch}`,
      `  take:   vtcode apply ${run}`,
      `  undo:   vtcode undo ${run} <task>`,
    );
  }
  for (const { id, wipBranch } of manifest.tasks)
    if (wipBranch) lines.push(`  parked: ${id} left its work on ${wipBranch}`);
  if (manifest.state === 'finished' && manifest.tasks.some(({ state }) => state === 'parked'))
    lines.push(`  again:  vtcode retry ${run} [task]`);
  if (manifest.advice) lines.push(`  ${manifest.advice}`);
  return lines;
}
