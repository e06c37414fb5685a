import { realpathSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { type JudgedLine, judgeLine } from '../../security/rules/command-rules.ts';
import { shown } from '../../security/shell/word.ts';
import { loadConfig } from '../config/config.ts';
import { grantedRegistries } from '../config/registries.ts';
import type { UserEnvironment } from '../environment/environment.ts';
import { commandShell } from '../environment/shell.ts';
import { topOf } from '../git/repository.ts';
import { followIn, topsOf } from '../worktrees/follow-links.ts';

/**
 * The policy's verdict on an agent's shell line in a folder, by the rules of the user and of the repository around it;
 * a folder in no repository counts as its own top. Nothing is run. Throws config_invalid and usage.
 */
export function explainCommand(
  line: string,
  folder: string,
  place: UserEnvironment,
): JudgedLine & { directory: string } {
  const here = realpathSync(folder);
  const root = topOf(here);
  const { config } = loadConfig(place.configFile, join(root, 'agents.toml'));
  const directory = relative(root, here).split(sep).join('/') || '.';
  const { commands: rules, paths } = config.policy;
  const judged = judgeLine(line, {
    ...(commandShell().endsWith('bash') && { shell: 'bash' as const }),
    rules,
    paths,
    directory,
    tops: topsOf(root),
    saves: false,
    registries: grantedRegistries(config.network),
    follow: followIn(root),
  });
  const parts = judged.parts.map((part) => ({ ...part, ...(part.destroys && { destroys: part.destroys.map(shown) }) }));
  return { ...judged, parts, directory };
}
