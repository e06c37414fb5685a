import { judgeLine } from '../../security/rules/command-rules.ts';
import type { Follow } from '../../security/shell/links.ts';

/** The paths that the commands of a shell line read, each once, without any rule. `directory`: where the line runs. */
export function readsOfLine(line: string, directory: string, follow?: () => Follow): string[] {
  const { parts } = judgeLine(line, { rules: { allow: [], ask: [], deny: [] }, directory, ...(follow && { follow }) });
  return [...new Set(parts.flatMap(({ reads }) => reads))];
}
