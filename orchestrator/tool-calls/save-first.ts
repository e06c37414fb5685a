import { wildcard } from '../../security/shell/word.ts';
import { gitTry, splitNul } from '../git/git.ts';
import { handsPlace } from '../worktrees/agent-hands.ts';
import { placeOfSaves, saveFolder, savesOf } from '../worktrees/folder-saves.ts';
import type { ToolCallAccess } from './access.ts';

/**
 * Makes sure that files which a command destroys can be brought back. In a work tree of a run they can: it holds nothing
 * of a person's. In a person's own folder its files are saved first; what git ignores is in no save. Answers false when
 * some of them could not be brought back.
 */
export async function saveFirst(agent: string, lost: string[], context: ToolCallAccess): Promise<boolean> {
  const state = context.state();
  if (lost.length === 0 || handsPlace(agent, state).tree !== null) return true;
  const saves = savesOf(context.paths, state.created.repository, context.git.environment ?? {}, context.person);
  const saved = await saveFolder(saves, context.signal);
  if (!('commit' in saved) || saved.without !== '') return false;
  // Files that are there and not in the save: ignored ones, and those of repositories inside.
  const globs = lost.map((path) => `:(top)${path.replace(/[*?[\]\\]/g, '\\$&').replaceAll(wildcard, '*')}`);
  const others = await gitTry(placeOfSaves(saves), ['ls-files', '--others', '-z', '--', ...globs]);
  if (others.code !== 0 || splitNul(others.stdout).some((path) => !madeAgain.test(path))) return false;
  await context.record([{ type: 'folder.saved', turn: state.seq + 1, commit: saved.commit, reason: '' }], {
    durable: true,
  });
  return true;
}

/** Files that builds and tools make again, wherever they lie. */
const madeAgain =
  /(^|\/)(dist|build|out|target|coverage|node_modules|__pycache__|\.pytest_cache|\.mypy_cache|\.ruff_cache|\.tox|\.nyc_output|\.cache|[^/]*\.egg-info)\/|\.(py[co]|o|obj|class|log|tmp|swp)$|(^|\/)\.DS_Store$/;
