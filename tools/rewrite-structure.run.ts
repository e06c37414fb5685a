import { parse, type SgNode } from '@ast-grep/napi';
import type { FileChange } from '../ipc/changes.ts';
import { filesMax, type MechanicalReport } from '../ipc/mechanical.ts';
import type { Site } from '../ipc/plan.ts';
import type { RewriteStructureArguments } from './rewrite-structure.ts';
import { compiled, errorsIn, type Grammar } from './structure-languages.ts';
import { findStructure, type MatchedFile } from './structure-matching.ts';
import { expand, templateProblem } from './structure-template.ts';
import { editedText, fileChange, positionAt, type TextEdit, type TextFile } from './text-file.ts';
import type { Prepare, Prepared } from './tool.ts';

const unplacedMax = 50;

type Rewritten = { file: TextFile; edits: TextEdit[]; sites: Site[]; refused: boolean };

export const prepare: Prepare<RewriteStructureArguments> = async (parsed, context) => {
  const problem = templateProblem(parsed.pattern, parsed.rewrite);
  if (problem) return nothing('refused', problem, 'usage');
  const found = await findStructure(parsed, context);
  if (typeof found === 'string') return nothing('refused', found, 'usage');
  const files = found.files.map((one) => rewriteFile(one, parsed)).filter((one) => one.edits.length > 0);
  const unread = found.unread.map((path) => unplacedSite(path, 1, 1, 'not read: too large or not UTF-8'));
  const changed = files.filter((one) => !one.refused);
  const sites = [...files.flatMap((one) => one.sites), ...unread];
  if (changed.length === 0 && sites.length === 0) {
    return nothing(
      'nothing',
      `No place matches ${parsed.pattern}, or all of them are rewritten already.`,
      'nothing_to_do',
    );
  }
  const report = reportOf(changed, sites, parsed);
  if (changed.length === 0)
    return { text: fittingText(report, context.limits.outputBytesMax), data: { sites, code: 'tool_failed' } };
  const changes: FileChange[] = changed.map((one) => fileChange(one.file, one.edits));
  return {
    text: fittingText(report, context.limits.outputBytesMax),
    data: { sites },
    ...(parsed.dry_run ? {} : { changes }),
  };
};

function nothing(status: 'refused' | 'nothing', message: string, code: string): Prepared {
  const counts = { target: 0, otherSymbol: 0, text: 0, unplaced: 0 };
  const report: MechanicalReport = { status, message, counts, files: [], unplaced: [], candidates: [] };
  return { text: JSON.stringify(report), data: { sites: [], code } };
}

function reportOf(changed: Rewritten[], sites: Site[], parsed: RewriteStructureArguments): MechanicalReport {
  const counted = changed.map((one): [string, number] => [one.file.path, one.sites.length]);
  const target = counted.reduce((sum, [, count]) => sum + count, 0);
  const left = sites.filter((one) => one.placement === 'unplaced');
  const places = (count: number) => `${count} ${count === 1 ? 'place' : 'places'}`;
  const did = parsed.dry_run ? 'would be replaced' : 'replaced';
  const rest = left.length > 0 ? ` ${places(left.length)} left as found.` : '';
  return {
    status: changed.length === 0 ? 'refused' : left.length > 0 ? 'unplaced' : 'ok',
    message: `${places(target)} in ${changed.length} ${changed.length === 1 ? 'file' : 'files'} ${did}: ${parsed.pattern} → ${parsed.rewrite || 'nothing'}.${rest}`,
    counts: { target, otherSymbol: 0, text: 0, unplaced: left.length },
    files: counted.slice(0, filesMax),
    unplaced: left.slice(0, unplacedMax).map((one) => `${one.path}:${one.line}:${one.column} ${one.reason}`),
    candidates: [],
  };
}

/** The report as JSON; files are left out from its end until it is no longer than an answer may be. */
function fittingText(report: MechanicalReport, bytesMax: number): string {
  let { files } = report;
  let text = JSON.stringify(report);
  while (files.length > 0 && Buffer.byteLength(text) > bytesMax) {
    files = files.slice(0, Math.floor(files.length * 0.9));
    text = JSON.stringify({ ...report, files });
  }
  return text;
}

/** All matches of one file as edits that do not overlap: a match inside another is rewritten within its captures. */
function rewriteFile({ file, grammar, matches }: MatchedFile, parsed: RewriteStructureArguments): Rewritten {
  const due = matches.filter(notYetDone(grammar, parsed));
  const spans = due.map((node) => ({ node, start: node.range().start.index, end: node.range().end.index }));
  spans.sort((a, b) => a.start - b.start || b.end - a.end);
  const eol = file.text.includes('\r\n') ? '\r\n' : '\n';
  const textBetween = (start: number, end: number): string =>
    editedText(
      file.text.slice(start, end),
      editsWithin(start, end).map((edit) => shifted(edit, -start)),
    );
  const replacement = (node: SgNode): string => {
    const start = node.range().start.index;
    const line = file.text.slice(file.text.lastIndexOf('\n', start - 1) + 1, start);
    const layout = { indent: /^[ \t]*/.exec(line)?.[0] ?? '', eol };
    const captured = (name: string, multiple: boolean): string => {
      const nodes = multiple ? node.getMultipleMatches(name) : [node.getMatch(name)].filter((one) => one !== null);
      const [first, last] = [nodes[0], nodes.at(-1)];
      return first && last ? textBetween(first.range().start.index, last.range().end.index) : '';
    };
    return expand(parsed.rewrite, (one) => captured(one.name, one.multiple), layout);
  };
  const editsWithin = (start: number, end: number): TextEdit[] => {
    const edits: TextEdit[] = [];
    for (const span of spans) {
      const outermost = span.start >= (edits.at(-1)?.end ?? start) && span.end <= end;
      if (outermost) edits.push({ start: span.start, end: span.end, text: replacement(span.node) });
    }
    return edits;
  };
  const changes = (edit: TextEdit) =>
    file.text.slice(edit.start, edit.end) !== edit.text && !standsThere(file.text, edit);
  const edits = editsWithin(0, file.text.length).filter(changes);
  const inside = spans.filter((span) => edits.some((edit) => edit.start <= span.start && span.end <= edit.end));
  const refused = edits.length > 0 && errorsIn(grammar, editedText(file.text, edits)) > errorsIn(grammar, file.text);
  return { file, edits, refused, sites: inside.map((span) => siteAt(file, span.start, refused, parsed.dry_run)) };
}

/**
 * Leaves out what is the result of this very rewrite, as `foo(wrap(x))` for `foo($A)` → `foo(wrap($A))`, so that doing
 * it twice does it once. Not where the template fits every match, as when two arguments change places.
 */
function notYetDone(grammar: Grammar, { pattern, rewrite }: RewriteStructureArguments): (node: SgNode) => boolean {
  const template = compiled(grammar, rewrite);
  if (template === undefined || rewrite.trim() === '') return () => true;
  const fitsEverything = parse(grammar.id, pattern).root().find(template) !== null;
  return fitsEverything ? () => true : (node) => !node.matches(template);
}

/** Whether the replacement holds the match itself and is there already, around it: then it was done before. */
function standsThere(text: string, edit: TextEdit): boolean {
  const match = text.slice(edit.start, edit.end);
  for (let at = edit.text.indexOf(match); at !== -1; at = edit.text.indexOf(match, at + 1)) {
    if (text.startsWith(edit.text, edit.start - at)) return true;
  }
  return false;
}

function siteAt(file: TextFile, offset: number, refused: boolean, dryRun: boolean): Site {
  const { line, character } = positionAt(file, offset);
  if (refused) return unplacedSite(file.path, line + 1, character + 1, 'the file would no longer parse');
  return {
    path: file.path,
    line: line + 1,
    column: character + 1,
    placement: 'target',
    status: dryRun ? 'todo' : 'done',
  };
}

function unplacedSite(path: string, line: number, column: number, reason: string): Site {
  return { path, line, column, placement: 'unplaced', status: 'left', reason };
}

function shifted(edit: TextEdit, by: number): TextEdit {
  return { start: edit.start + by, end: edit.end + by, text: edit.text };
}
