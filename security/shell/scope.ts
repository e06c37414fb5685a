import type { Script, SyntaxNode } from 'unbash';
import type { Finding, Part } from './finding.ts';
import type { Directory } from './paths.ts';
import { anything, type Word } from './word.ts';

/** The findings gathered while one line is judged. */
export type GatheredLine = {
  parts: Part[];
  /** The parts of the line that were not understood. */
  findings: Finding[];
  /** Walks a script that stands inside the line. */
  walk(script: Script, scope: Scope): End;
  /** Walks the body of a function. */
  walkBody(body: SyntaxNode, scope: Scope): End;
  /** Parses and walks a text that a shell is going to run. */
  walkText(text: string, scope: Scope): End;
};

/** The state of the shell at one place of a line. */
export type Scope = {
  line: GatheredLine;
  /** Folders that the command may stand in. */
  directories: Directory[];
  /** The absolute paths of the work tree's top; the first is what `pwd` prints there. */
  tops: readonly string[];
  /** Known values; a variable that is missing here may hold anything. Changed in place. */
  variables: Map<string, Word>;
  functions: Map<string, SyntaxNode>;
  /** Whether bash itself reads this place; elsewhere it may be any shell. */
  bash: boolean;
  /** Whether this place is reached whenever the next is. An assignment counts as known only there. */
  certain: boolean;
  /** Whether standard input brings names of files inside the work tree. */
  names: boolean;
  /** The text of a here document on standard input. */
  input?: string | undefined;
  /** How deep functions, scripts and wrappers stand in each other. */
  depth: number;
};

/** Folders that a command leaves behind when it succeeds and when it fails, and whether it prints names of files inside. */
export type End = { ok: Directory[]; failed: Directory[]; names?: boolean };

export const depthMax = 16;

export function subshell(scope: Scope, more: Partial<Scope> = {}): Scope {
  return { ...scope, variables: new Map(scope.variables), functions: new Map(scope.functions), ...more };
}

/** Variables that every command has with a known value, as long as the line does not set them. */
export const given = ['PWD', 'TMPDIR', 'HOME'];

/** From here on every variable may hold anything. */
export function forget({ variables }: Scope): void {
  variables.clear();
  for (const name of given) variables.set(name, anything);
}

/** The variables of a shell that the line starts: of those with known values, the line may have set some. */
export function inherited({ variables }: Scope): Map<string, Word> {
  return new Map(given.flatMap((name) => (variables.has(name) ? [[name, anything] as const] : [])));
}

export function stays(scope: Scope): End {
  return { ok: scope.directories, failed: scope.directories };
}

/** A limit: a line that could stand in more folders than this is taken to stand anywhere. */
const directoriesMax = 16;

export function union(left: Directory[], right: Directory[]): Directory[] {
  if (left === right) return left;
  const both = [...new Set([...left, ...right])];
  return both.length > directoriesMax ? [null] : both;
}

/** Possible harm: the meaning of the line is unknown, or differs between shells. */
export function odd(scope: Scope, risk: Finding['risk'], why: string) {
  scope.line.findings.push({ verdict: 'ask', risk, why, about: 'line' });
}
