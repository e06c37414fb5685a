import { join } from 'node:path';
import type { DiagnosticsArguments } from '../contracts/diagnostics.ts';
import type { Prepare } from '../contracts/tool.ts';
import { isCode } from '../files/source-files.ts';
import { diagnostics } from './code-questions.ts';
import { codeSession } from './code-session.ts';
import { toUri } from './language-server.ts';
import { cutLines } from './location-text.ts';

const diagnosticsMax = 50;
const severities = ['error', 'warning', 'information', 'hint'];
export const prepare: Prepare<DiagnosticsArguments> = async ({ path }, context) => {
  if (!isCode(path))
    return { text: `${path} is not TypeScript or JavaScript. Run the repository's own check.`, isError: true };
  const session = await codeSession(context, 'own');
  if (session.files.read(path) === undefined) return { text: `There is no readable file ${path}.`, isError: true };
  const textDocument = { uri: toUri(join(context.workspace, path)) };
  const { items = [] } = diagnostics.parse(await session.server.request('textDocument/diagnostic', { textDocument }));
  const serious = items.filter(({ severity = 1 }) => severity <= 2);
  if (serious.length === 0) return { text: `${path}: no errors.` };
  const lines = serious.map(({ severity = 1, code, message, range: { start } }) => {
    const number = code === undefined ? '' : ` TS${code}`;
    return `${start.line + 1}:${start.character + 1} ${severities[severity - 1]}${number} ${message}`;
  });
  return { text: `${path}: ${serious.length} found\n${cutLines(lines, diagnosticsMax, 'mend these first')}` };
};
