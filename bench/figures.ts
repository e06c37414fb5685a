import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os';

/**
 * Figure: one measured value, and the value it is compared with.
 *
 * value: absolute, on this machine, in this hour. ratio: against something measured in the same run; on a noisy machine
 * only the ratio can be compared with another day's. met: null when no goal is set.
 */
export type Figure = {
  what: string;
  value: number;
  unit: string;
  ratio?: { times: number; of: string };
  /** Peak memory of the whole process tree while it was measured, in MiB of proportional set size. */
  memoryMb?: number;
  goal?: { words: string; met: boolean };
};

export type Bench = () => Promise<Figure[]>;

/** A figure whose goal is that the value stays at or below `most`. */
export function atMost(figure: Omit<Figure, 'goal'>, most: number): Figure {
  return { ...figure, goal: { words: `≤ ${count(most)} ${figure.unit}`, met: figure.value <= most } };
}

/** A figure whose goal is that the ratio stays at or below `most`. */
export function ratioAtMost(figure: Omit<Figure, 'goal'>, most: number): Figure {
  return { ...figure, goal: { words: `≤ ${most} ×`, met: (figure.ratio?.times ?? Infinity) <= most } };
}

/** A figure whose goal is that the value reaches `least`. */
export function atLeast(figure: Omit<Figure, 'goal'>, least: number): Figure {
  return { ...figure, goal: { words: `≥ ${count(least)} ${figure.unit}`, met: figure.value >= least } };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** The rows as a Markdown table, so that it can be pasted into the README as it is. */
export function tableOf(rows: { bench: string; figure: Figure }[]): string[] {
  const cells = rows.map(({ bench, figure }) => [
    bench,
    figure.what,
    `${count(figure.value)} ${figure.unit}`,
    figure.ratio ? `${figure.ratio.times.toFixed(2)} × ${figure.ratio.of}` : '',
    figure.memoryMb === undefined ? '' : `${Math.round(figure.memoryMb)} MB`,
    figure.goal?.words ?? '',
    figure.goal ? (figure.goal.met ? 'met' : 'NOT MET') : '',
  ]);
  const all = [['bench', 'figure', 'value', 'ratio', 'peak memory', 'goal', ''], ...cells];
  const widths = all[0]!.map((_, column) => Math.max(3, ...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: string[]) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(all[0]!), line(widths.map((width) => '-'.repeat(width))), ...all.slice(1).map(line)];
}

function count(value: number): string {
  const digits = value >= 100 || Number.isInteger(value) ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits });
}

/** The machine, in one line, with how busy it is: a loaded machine's absolute values mean little. */
export function machineLine(): string {
  const memory = Math.round(totalmem() / 1024 ** 3);
  const load = loadavg()[0]?.toFixed(1);
  return `${platform()} ${release()} ${arch()}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'cpu'}, ${memory} GB; load ${load} at the start`;
}
