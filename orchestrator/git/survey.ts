import { resolve } from 'node:path';
import type { EventOf, Repository } from '../../ipc/events.ts';
import type { UserEnvironment } from '../environment/environment.ts';
import { askUserIdentity } from './git.ts';
import { inspectRepository, locateRepository, refuseBlockedBranch, refuseForeign, requireGit } from './repository.ts';

/** Git's checked data about the place where a run is to begin; changes nothing. */
export type Survey = { repository: Repository; identity: EventOf<'run.created'>['identity'] };

/**
 * Inspects the repository around `directory` for a new run. Loads little, so that git can run before the rest of vtcode
 * is loaded. Throws Faults that say what to correct.
 */
export async function surveyRepository(
  place: UserEnvironment,
  directory: string,
  options: { includeDirty: boolean },
): Promise<Survey> {
  const environment = { PATH: place.searchPath };
  const folder = resolve(directory);
  const { root } = locateRepository(folder);
  const [repository, identity] = await Promise.all([
    inspectRepository(folder, { ...options, environment, person: place.environment }),
    identityOf(place, root),
    requireGit(environment),
  ]);
  await Promise.all([refuseForeign(repository, place.environment), refuseBlockedBranch(repository, environment)]);
  return { repository, identity };
}

async function identityOf(place: UserEnvironment, root: string): Promise<Survey['identity']> {
  const { name, email } = await askUserIdentity(root, place.environment);
  if (name && email) return { name, email, fallback: false };
  return { name: name ?? 'vtcode', email: email ?? 'vtcode@localhost', fallback: true };
}
