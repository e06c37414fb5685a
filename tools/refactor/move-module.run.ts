import { join, posix } from 'node:path';
import type { Site } from '../../ipc/plan.ts';
import { importSpecifiers } from '../code/import-specifiers.ts';
import { wholeProject } from '../code/whole-project.ts';
import type { MoveModuleArguments } from '../contracts/move-module.ts';
import type { Prepare, ToolContext } from '../contracts/tool.ts';
import {
  filesMatching,
  isCode,
  isMarkup,
  type SourceFiles,
  sourceFiles,
  trackedPackages,
} from '../files/source-files.ts';
import { fileChange, rawFile, type TextEdit, type TextFile } from '../files/text-file.ts';
import { movePython } from './languages/move-python.ts';
import { concluded, counted, siteAt } from './mechanical-result.ts';
import { configuration } from './move-configuration.ts';
import { filterGaps } from './move-coverage.ts';
import { imageGaps, isImage } from './move-images.ts';
import { type Imports, importsAfter } from './move-imports.ts';
import { otherLanguages } from './move-languages.ts';
import { mentions, type Span } from './move-mentions.ts';
import { ownPaths } from './move-paths.ts';
import { type Move, planMove } from './move-plan.ts';
import { stubs } from './move-stubs.ts';
import { isStyle, styleEdits } from './move-styles.ts';
import { surroundings } from './move-surroundings.ts';

/** Moves a file or folder and rewrites each specifier that led to it, and those in it that led elsewhere. */
export const prepare: Prepare<MoveModuleArguments> = async (parsed, context) => {
  const files = await sourceFiles(context);
  const searched = await filesMatching(context, ['!**/node_modules/**']);
  const all = [...searched, ...trackedPackages(context)];
  const move = planMove(context, all, parsed);
  if ('text' in move) return move;
  const found: Found = { edits: new Map(), handled: new Map(), sites: [], specifiers: new Set() };
  const configured = await configuration(context, all, files, move);
  for (const [path, edits] of configured.edits) {
    for (const edit of edits) change(found, files.read(path)!, edit, !parsed.dry_run);
  }
  for (const [path, strings] of configured.kept) for (const one of strings) handle(found, path, one);
  found.sites.push(...configured.sites);
  for (const path of all.filter((one) => posix.basename(one) === '.gitattributes')) {
    const file = files.read(path);
    if (file) found.sites.push(...filterGaps(file, move));
  }
  // Imports may lead to any file, not only to code: styles, data, images.
  const imports = importsAfter(context.workspace, all, await wholeProject(context, files), move, configured);
  for (const path of candidates(files, move)) {
    const file = files.read(path);
    if (file) editCode(file, imports, move, found, !parsed.dry_run);
  }
  const known = new Set(all);
  for (const path of all.filter(isStyle)) {
    const file = files.read(path);
    const { edits, spans } = file ? styleEdits(file, known, move) : { edits: [], spans: [] };
    for (const span of spans) handle(found, path, span);
    for (const edit of edits) change(found, file!, edit, !parsed.dry_run);
  }
  const python = await movePython(context, all, files, move);
  for (const [path, edits] of python.edits) {
    for (const edit of edits) change(found, files.read(path)!, edit, !parsed.dry_run);
  }
  found.sites.push(...python.sites);
  const targets = found.sites.filter(({ placement }) => placement === 'target');
  const others = await otherLanguages(context, all, files, move, python.isRead);
  found.sites.push(...stubs(files, found.specifiers), ...surroundings(context.workspace, all, files, move));
  const images = all.filter(isImage).flatMap((path) => {
    const file = files.read(path);
    return file === undefined ? [] : imageGaps(file, move);
  });
  const told = [...others.sites, ...(await mentions(context, all, files, move, found.handled)), ...images];
  found.sites.push(...unique(told.filter(python.isTold), found.sites));
  const changes = [...new Set([...found.edits.keys(), ...move.files.keys()])].map((path) =>
    fileChange(readable(context, files, path), found.edits.get(path) ?? [], move.files.get(path)),
  );
  const message = summary(parsed, move, targets, [...configured.edits.keys()], others.languages) + python.advice;
  changes.push(...python.created);
  const places = new Map([...move.files, ...python.created.map(({ path }) => [path, path] as const)]);
  return concluded(found.sites, message, parsed.dry_run ? undefined : changes, places);
};

type Found = {
  edits: Map<string, TextEdit[]>;
  handled: Map<string, Span[]>;
  sites: Site[];
  /** Texts of specifiers that change. */
  specifiers: Set<string>;
};

function change(found: Found, file: TextFile, edit: TextEdit, isDone: boolean): void {
  const list = found.edits.get(file.path) ?? [];
  if (list.some((one) => one.start < edit.end && edit.start < one.end)) return;
  found.edits.set(file.path, [...list, edit]);
  handle(found, file.path, edit);
  found.sites.push(siteAt(file, edit.start, 'target', isDone));
}

function handle({ handled }: Found, path: string, span: Span): void {
  handled.set(path, [...(handled.get(path) ?? []), span]);
}

/** Files of code that may name a moved one or the place it gets, and the moved ones themselves. */
function candidates(files: SourceFiles, move: Move): string[] {
  const words = new Set<string>();
  let hasIndex = false;
  for (const path of [...move.files].flat()) {
    const stem = posix.basename(path).replace(/(?:\.d)?\.\w+$/, '');
    if (stem !== 'index') words.add(stem);
    hasIndex ||= stem === 'index';
    if (stem === 'index' && posix.dirname(path) !== '.') words.add(posix.basename(posix.dirname(path)));
  }
  if (move.folder !== undefined) words.add(posix.basename(move.folder.from));
  const all = [...words].map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const index = ['[\'"`]\\.{1,2}/?[\'"`]', '/index', '[\'"`][@#]?[\\w./-]+[\'"`]'];
  // A path that is completed at run time need not have the word.
  const built = ['`\\.{1,2}/[^`]*\\$\\{', 'import\\.meta\\.glob', '(?:require|webpackC|\\.c)\\w*ontext\\('];
  const naming = new RegExp([...all, ...(hasIndex ? index : []), ...built].join('|'));
  return [...files.list, ...files.markup].filter(
    (path) => move.files.has(path) || naming.test(files.read(path)?.text ?? ''),
  );
}

function editCode(file: TextFile, imports: Imports, move: Move, found: Found, isDone: boolean): void {
  for (const specifier of importSpecifiers(file)) {
    const verdict = imports(file.path, specifier);
    if (verdict === undefined) continue;
    if ('text' in verdict) {
      const { start, end } = specifier;
      if (verdict.text === specifier.text) handle(found, file.path, specifier);
      else {
        found.specifiers.add(specifier.text);
        change(found, file, { start, end, text: verdict.text }, isDone);
      }
      continue;
    }
    handle(found, file.path, specifier);
    found.sites.push(siteAt(file, specifier.start, 'unplaced', false, verdict.reason));
  }
  const own = ownPaths(file, move);
  for (const edit of own.edits) change(found, file, edit, isDone);
  for (const { offset, reason } of own.unplaced) {
    handle(found, file.path, { start: offset, end: offset });
    found.sites.push(siteAt(file, offset, 'unplaced', false, reason));
  }
}

/** The places on lines that no other place names yet. */
function unique(told: readonly Site[], known: readonly Site[]): Site[] {
  const lines = new Set(known.filter(({ placement }) => placement === 'unplaced').map(lineOf));
  return told.filter((site) => {
    const isNew = !lines.has(lineOf(site));
    lines.add(lineOf(site));
    return isNew;
  });
}

const lineOf = ({ path, line }: Site): string => `${path}:${line}`;

function summary(
  { from, to }: MoveModuleArguments,
  move: Move,
  targets: readonly Site[],
  configured: readonly string[],
  languages: readonly string[],
): string {
  const inConfiguration = targets.filter(({ path }) => configured.includes(path) && !isCode(path) && !isMarkup(path));
  const imports = targets.length - inConfiguration.length;
  const moves = `${counted(move.files.size, 'file')} ${move.files.size === 1 ? 'moves' : 'move'}`;
  const isRead = languages.length === 0 || imports > 0;
  const change = isRead ? `, ${counted(imports, 'import')} ${imports === 1 ? 'changes' : 'change'}` : '';
  const follow =
    configured.length === 0
      ? ''
      : ` ${configured.slice(0, 5).join(', ')} ${configured.length === 1 ? 'follows' : 'follow'}.`;
  const unread = languages.length === 0 ? '' : ` Imports in ${languages.join(', ')} are not read.`;
  return `${from} → ${to}: ${moves}${change}.${follow}${unread}`;
}

function readable(context: ToolContext, files: SourceFiles, path: string): TextFile {
  return files.read(path) ?? rawFile(join(context.workspace, path), path);
}
