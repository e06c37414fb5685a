import { delimiter, join } from 'node:path';

/** The user's folders and variables, read once from the environment by the cli's main and passed on. */
export type UserEnvironment = {
  /** vtcode's state folder, absolute. */
  state: string;
  /** The user's own agents.toml, which may not exist. */
  configFile: string;
  home: string;
  searchPath: string;
  environment: Record<string, string>;
};

export function userEnvironment(environment: NodeJS.ProcessEnv): UserEnvironment {
  const { state, configFile } = userPlaces(environment);
  return {
    state,
    configFile,
    home: environment.HOME ?? '/',
    searchPath: environment.PATH ?? ['/usr/local/bin', '/usr/bin', '/bin'].join(delimiter),
    environment: Object.fromEntries(Object.entries(environment).filter((entry) => entry[1] !== undefined)) as Record<
      string,
      string
    >,
  };
}

/** The places of this user's files, from the environment. */
export function userPlaces(environment: NodeJS.ProcessEnv): { state: string; configFile: string } {
  const home = environment.HOME ?? '/';
  const absolute = (value: string | undefined, otherwise: string) => (value?.startsWith('/') ? value : otherwise);
  const state = absolute(environment.XDG_STATE_HOME, join(home, '.local', 'state'));
  const configHome = absolute(environment.XDG_CONFIG_HOME, join(home, '.config'));
  return { state: join(state, 'vtcode'), configFile: join(configHome, 'vtcode', 'agents.toml') };
}
