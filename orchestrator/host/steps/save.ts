import type { GitLocation } from '../../git/git.ts';
import type { RunAccess } from '../../runs/run-access.ts';
import type { Step } from '../../schedule/due.ts';
import { saveFolder, savesOf, tooMuchWords } from '../../worktrees/folder-saves.ts';

/** Saves the folder, so that the coming turn can be undone. A turn that only reads changes nothing. */
export const save: Step<
  'save',
  Pick<RunAccess, 'state' | 'paths' | 'signal'> & { git: GitLocation; person: Record<string, string> }
> = async ({ turn }, context) => {
  const { created } = context.state();
  if (created.options.permissions === 'read_only') return [{ type: 'folder.saved', turn, commit: null, reason: '' }];
  // A folder with too many files stays unsaved for the rest of the conversation, so that not every turn counts again.
  const before = context.state().turns.find(({ saved }) => saved?.reason.startsWith(tooMuchWords))?.saved;
  if (before) return [{ type: 'folder.saved', turn, ...before }];
  const saved = await saveFolder(
    savesOf(context.paths, created.repository, context.git.environment ?? {}, context.person),
    context.signal,
  );
  if (context.signal.aborted) return [];
  const [commit, reason] = 'commit' in saved ? [saved.commit, saved.without] : [null, saved.why];
  return [{ type: 'folder.saved', turn, commit, reason }];
};
