import type { Role } from '../../ipc/config.ts';
import { applyPatch } from '../../tools/contracts/apply-patch.ts';
import { editFile } from '../../tools/contracts/edit-file.ts';
import type { ModelChoice } from './resolve.ts';

/** OpenAI's models, by their vendor or by their names at other vendors: they are trained on patches. */
const patching = /^openai\/|(^|[/.:_-])(gpt|chatgpt|codex|o[1-9])([.:_-]|\d|$)/i;

/**
 * The tools of a role as its models see them: of the two that edit files only the one that its first model knows, or that
 * the role says. Calls of the other one count as well, because a chain may hold models of several families.
 */
export function withEditTool(tools: string[], role: Pick<Role, 'edit_tool'>, first: ModelChoice | undefined): string[] {
  const both: string[] = [editFile.name, applyPatch.name];
  const auto = first !== undefined && patching.test(first.ref) ? applyPatch.name : editFile.name;
  const wanted = role.edit_tool === 'auto' ? auto : role.edit_tool;
  const at = tools.findIndex((name) => both.includes(name));
  if (at < 0) return tools;
  const others = tools.map((name, index) => (index === at ? wanted : name));
  return others.filter((name, index) => index === at || !both.includes(name));
}
