import { parse, type SgNode } from '@ast-grep/napi';
import type { Site } from '../../ipc/plan.ts';
import { scriptsIn } from '../code/script-blocks.ts';
import { compiled, errorsIn, type Grammar } from '../code/structure-languages.ts';
import { rewritten } from '../code/structure-layout.ts';
import { findStructure, type MatchedFile } from '../code/structure-matching.ts';
import { metavariables, templateProblem } from '../code/structure-template.ts';
import type { Atom } from '../code/structure-tokens.ts';
import type { RewriteStructureArguments } from '../contracts/rewrite-structure.ts';
import type { Prepare } from '../contracts/tool.ts';
import { editedText, fileChange, type TextEdit, type TextFile, textFileOf } from '../files/text-file.ts';
import { concluded, counted, declined, siteAt } from './mechanical-result.ts';

type Rewritten = { file: TextFile; edits: TextEdit[]; sites: Site[]; refused: boolean };

export const prepare: Prepare<RewriteStructureArguments> = async (parsed, context) => {
  const problem = templateProblem(parsed.pattern, parsed.rewrite);
  if (problem) return declined('refused', problem);
  const found = await findStructure(parsed, context);
  if (typeof found === 'string') return declined('refused', found);
  const files = found.files.map((one) => rewriteFile(one, parsed)).filter((one) => one.sites.length > 0);
  const changed = files.filter((one) => !one.refused && one.edits.length > 0);
  const beside = found.beside.map(({ file, offset }) =>
    siteAt(file, offset, 'unplaced', false, 'the part of this file around its scripts is not changed'),
  );
  const refused = files.filter((one) => one.refused || one.edits.length === 0).flatMap((one) => one.sites);
  const stuck = changed.flatMap((one) => one.sites.filter(({ placement }) => placement === 'unplaced'));
  const left = [...refused, ...found.unread.map(unreadSite), ...beside];
  if (changed.length === 0) {
    const [first] = left;
    if (!first) return declined('nothing', `No place matches ${parsed.pattern}, or all are rewritten already.`);
    const where = `${first.path}:${first.line}:${first.column}`;
    return declined(
      'refused',
      `None of ${counted(left.length, 'place')} can be rewritten, as ${where}: ${first.reason}.`,
    );
  }
  const sites = [...changed.flatMap((one) => one.sites), ...left];
  const changes = changed.map((one) => fileChange(one.file, one.edits));
  return concluded(sites, summary(changed, left.length + stuck.length, parsed), parsed.dry_run ? undefined : changes);
};

function summary(changed: Rewritten[], left: number, { pattern, rewrite }: RewriteStructureArguments): string {
  const targets = changed.flatMap((one) => one.sites.filter(({ placement }) => placement === 'target'));
  const count = targets.length;
  const rest = left > 0 ? ` ${counted(left, 'place')} left as found.` : '';
  return `${pattern} → ${rewrite || 'nothing'}: ${counted(count, 'place')} in ${counted(changed.length, 'file')}.${rest}`;
}

/** All matches of one file as edits that do not overlap: a match inside another is rewritten within its captures. */
function rewriteFile({ file, grammar, matches }: MatchedFile, parsed: RewriteStructureArguments): Rewritten {
  const { pattern, rewrite } = parsed;
  const due = matches.filter(notYetDone(grammar, parsed));
  const spans = due.map((node) => ({ node, start: node.range().start.index, end: node.range().end.index }));
  spans.sort((a, b) => a.start - b.start || b.end - a.end);
  const eol = file.text.includes('\r\n') ? '\r\n' : '\n';
  const textBetween = (start: number, end: number): string =>
    editedText(
      file.text.slice(start, end),
      editsWithin(start, end).map((edit) => shifted(edit, -start)),
    );
  const stuck = new Set<SgNode>();
  const replacement = (node: SgNode): string => {
    const { start, end } = node.range();
    const line = file.text.slice(file.text.lastIndexOf('\n', start.index - 1) + 1, start.index);
    const layout = { indent: /^[ \t]*/.exec(line)?.[0] ?? '', eol };
    const match = { text: file.text, start: start.index, end: end.index, atoms: atomsOf(node, pattern), layout };
    const text = rewritten(pattern, rewrite, { ...match, textOf: textBetween });
    if (text === undefined) stuck.add(node);
    return text ?? file.text.slice(start.index, end.index);
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
  const lost = spans.filter(({ node }) => stuck.has(node));
  const within = (span: { start: number; end: number }, around: { start: number; end: number }) =>
    around.start <= span.start && span.end <= around.end;
  const inside = spans.filter((span) => [...edits, ...lost].some((edit) => within(span, edit)));
  const errors = (text: string) => errorsIn(grammar, scriptsIn(textFileOf(file.path, text))?.text ?? text);
  const refused = edits.length > 0 && errors(editedText(file.text, edits)) > errors(file.text);
  const site = (span: { start: number; end: number }) => {
    if (refused) return siteAt(file, span.start, 'unplaced', false, 'the file would no longer parse');
    const isLost = lost.some((one) => within(span, one));
    if (isLost) return siteAt(file, span.start, 'unplaced', false, 'a comment inside would be lost');
    return siteAt(file, span.start, 'target', !parsed.dry_run);
  };
  return { file, edits, refused, sites: inside.map(site) };
}

/** Where the metavariables of a match are, and the comments outside of those. */
function atomsOf(node: SgNode, pattern: string): Atom[] {
  const variables = metavariables(pattern).map((one) => ({ ...one, text: pattern.slice(one.start, one.end) }));
  const atoms = new Map<string, Atom>();
  for (const { name, multiple, text } of variables) {
    const nodes = multiple ? node.getMultipleMatches(name) : [node.getMatch(name)].filter((one) => one !== null);
    // A list may end in a comma, and begin and end in comments, which are no part of it.
    const parts = nodes.filter((one) => one.text() !== ',' && !/comment/.test(String(one.kind())));
    const [first, last] = [parts[0], parts.at(-1)];
    if (first && last) atoms.set(text, { start: first.range().start.index, end: last.range().end.index, text });
  }
  const found = [...atoms.values()];
  const comments = (at: SgNode): Atom[] => {
    const [start, end] = [at.range().start.index, at.range().end.index];
    if (found.some((one) => one.start <= start && end <= one.end)) return [];
    return /comment/.test(String(at.kind())) ? [{ start, end, comment: true }] : at.children().flatMap(comments);
  };
  return [...found, ...node.children().flatMap(comments)].toSorted((a, b) => a.start - b.start);
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
