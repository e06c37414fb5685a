import { existsSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { RunOptions } from '../../ipc/events.ts';
import { Fault } from '../../ipc/fault.ts';
import { newRunId } from '../../ipc/ids.ts';
import { isConversation, isQuestion } from '../../ipc/run-kind.ts';
import { loadConfig, withAsked } from '../config/config.ts';
import { untrustedNotes } from '../config/trust.ts';
import type { UserEnvironment } from '../environment/environment.ts';
import { packageVersion } from '../environment/package-version.ts';
import { withModels } from '../models/of-role.ts';
import { type Called, requireRole, writeFirst } from './create-run.ts';
import { readImage } from './read-image.ts';

/**
 * Makes a run of one agent in `directory` itself, with or without git: `work` may write there, `ask` only reads. Reads
 * no repository and starts nothing. `images` are files that the agent sees. Throws the configuration's Faults, and
 * key_missing when no model could answer.
 */
export async function createLoneRun(
  place: UserEnvironment,
  request: {
    directory: string;
    mode: 'work' | 'ask' | 'chat';
    goal: string;
    images: string[];
    options?: Pick<RunOptions, 'detached' | 'usd' | 'deadline' | 'permissions' | 'waits'>;
    called?: Called;
  },
): Promise<string> {
  const goal = request.goal.trim();
  if (goal === '' && !isConversation(request))
    throw new Fault('usage', isQuestion(request) ? 'The question is empty.' : 'The goal is empty.', {
      advice: `Say it in quotes: vtcode ${isQuestion(request) ? 'ask "where are sessions kept?"' : 'run "add a test for parse"'}`,
    });
  const root = realpathSync(resolve(request.directory));
  const { config: found, notes } = loadConfig(place.configFile, join(root, 'agents.toml'));
  const config = withAsked(found, request.options ?? {});
  const { name, role } = request.called ?? {};
  requireRole(role, config);
  const chosen = await withModels(config, place.environment, { mode: request.mode, goal });
  const shown = await Promise.all(request.images.map(readImage));
  const images = shown.map(({ image }) => image);
  if (images.length > 0 && !chosen.seesImages)
    throw new Fault('usage', 'The model that is asked first sees no images.', {
      advice: 'Name one that does in agents.toml: vtcode models lists them, images = true describes one of your own.',
    });
  const gitDir = join(root, '.git');
  return writeFirst(place, newRunId(), {
    type: 'run.created',
    goal,
    ...(name !== undefined && { name }),
    ...(role !== undefined && { role }),
    ...(images.length > 0 && { images }),
    repository: {
      root,
      gitDir: existsSync(gitDir) ? gitDir : '',
      branch: null,
      head: '',
      notes: [
        ...notes,
        ...chosen.notes,
        ...shown.flatMap(({ note }) => (note === '' ? [] : [note])),
        ...untrustedNotes(place.configFile, root),
      ],
    },
    options: {
      mode: request.mode,
      accept: 'yes',
      dryRun: false,
      checks: 'none',
      acceptUnplaced: false,
      includeDirty: false,
      ...request.options,
    },
    config: chosen.config,
    models: chosen.why,
    program: `vtcode ${packageVersion()}`,
    identity: { name: 'vtcode', email: 'vtcode@localhost', fallback: true },
  });
}
