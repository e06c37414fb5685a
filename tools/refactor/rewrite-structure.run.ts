import { parse, type SgNode } from '@ast-grep/napi';
import type { Site } from '../../ipc/plan.ts';
import { compiled, errorsIn, type Grammar } from '../code/structure-languages.ts';
import { findStructure, type MatchedFile } from '../code/structure-matching.ts';
import { expand, templateProblem } from '../code/structure-template.ts';
import type { RewriteStructureArguments } from '../contracts/rewrite-structure.ts';
import type { Prepare } from '../contracts/tool.ts';
import { editedText, fileChange, type TextEdit, type TextFile } from '../files/text-file.ts';
import { concluded, counted, declined, siteAt } from './mechanical-result.ts';

type Rewritten = { file: TextFile; edits: TextEdit[]; sites: Site[]; refused: boolean };

export const prepare: Prepare<RewriteStructureArguments> = async (parsed, context) => {
  const problem = templateProblem(parsed.pattern, parsed.rewrite);
  if (problem) return declined('refused', problem);
  const found = await findStructure(parsed, context);
  if (typeof found === 'string') return declined('refused', found);
  const files = found.files.map((one) => rewriteFile(one, parsed)).filter((one) => one.edits.length > 0);
  const changed = files.filter((one) => !one.refused);
  const left = [...files.filter((one) => one.refused).flatMap((one) => one.sites), ...found.unread.map(unreadSite)];
  if (changed.length === 0) {
    const [first] = left;
    if (!first) return declined('nothing', `No place matches ${parsed.pattern}, or all are rewritten already.`);
    const where = `${first.path}:${first.line}:${first.column}`;
    return declined('refused', `None of ${left.length} places can be rewritten, as ${where}: ${first.reason}.`);
  }
  const sites = [...changed.flatMap((one) => one.sites), ...left];
  const changes = changed.map((one) => fileChange(one.file, one.edits));
  return concluded(sites, summary(changed, left.length, parsed), parsed.dry_run ? undefined : changes);
};

function summary(changed: Rewritten[], left: number, { pattern, rewrite }: RewriteStructureArguments): string {
  const count = changed.reduce((sum, one) => sum + one.sites.length, 0);
  const rest = left > 0 ? ` ${counted(left, 'place')} left as found.` : '';
  return `${pattern} → ${rewrite || 'nothing'}: ${counted(count, 'place')} in ${counted(changed.length, 'file')}.${rest}`;
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
  const site = (start: number) =>
    refused
      ? siteAt(file, start, 'unplaced', false, 'the file would no longer parse')
      : siteAt(file, start, 'target', !parsed.dry_run);
  return { file, edits, refused, sites: inside.map((span) => site(span.start)) };
}

/**
 * Leaves out results of this same rewrite, such as `foo(wrap(x))` for `foo($A)` → `foo(wrap($A))`, so that a second run
 * changes nothing. Not where the template fits every match, as when two arguments change places.
 */
function notYetDone(grammar: Grammar, { pattern, rewrite }: RewriteStructureArguments): (node: SgNode) => boolean {
  const template = compiled(grammar, rewrite);
  if (template === undefined || rewrite.trim() === '') return () => true;
  const fitsEverything = parse(grammar.id, pattern).root().find(template) !== null;
  return fitsEverything ? () => true : (node) => !node.matches(template);
}

/** Whether the replacement contains the match and already stands around it in the file: then it was done before. */
function standsThere(text: string, edit: TextEdit): boolean {
  const match = text.slice(edit.start, edit.end);
  for (let at = edit.text.indexOf(match); at !== -1; at = edit.text.indexOf(match, at + 1)) {
    if (text.startsWith(edit.text, edit.start - at)) return true;
  }
  return false;
}

function unreadSite(path: string): Site {
  return {
    path,
    line: 1,
    column: 1,
    placement: 'unplaced',
    status: 'todo',
    reason: 'not read: too large or not UTF-8',
  };
}

function shifted(edit: TextEdit, by: number): TextEdit {
  return { start: edit.start + by, end: edit.end + by, text: edit.text };
}
