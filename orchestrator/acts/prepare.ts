import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Perform } from '../context.ts';
import { dirtyCommit } from '../dirty.ts';
import { moveRef } from '../git-refs.ts';
import { ensurePrivateRepository } from '../workspace.ts';

/** Makes the private repository ready, takes uncommitted files along if asked, and pins the base in the user's. */
export const prepare: Perform<'prepare'> = async (_act, context) => {
  const { repository, options, identity, at } = context.state().created;
  for (const folder of [context.paths.out, context.paths.trees, context.paths.home])
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  await ensurePrivateRepository(context.git.gitDir, repository.gitDir);
  const base = options.includeDirty
    ? await dirtyCommit(context.git, repository, { identity, at, index: join(context.paths.folder, 'dirty.index') })
    : repository.head;
  const pin = `refs/vtcode/${context.run}/base`;
  await moveRef(context.git, pin, null, base);
  await moveRef(context.userGit, pin, null, repository.head);
  const warnings = identity.fallback
    ? [`git has no user.name and user.email here: commits are made as ${identity.name} <${identity.email}>.`]
    : [];
  return [{ type: 'repository.ready', base, warnings }];
};
