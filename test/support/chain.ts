import type { WireFormat } from '../../ipc/model.ts';
import { writeSettings } from './scripted-run.ts';
import type { TestVtcode } from './vtcode.ts';

/** A vendor of the user's, on loopback: its one model is `<name>/big`, its key is in the variable KEY. */
export type ChainVendor = {
  name: string;
  baseUrl: string;
  format: WireFormat;
  /** Lines of its own table, e.g. a key command instead of the variable. */
  lines?: string;
  /** Its model's window, in tokens. */
  contextTokens?: number;
};

/** The key that `chainKey` puts into the environment of every test; to be found nowhere else. */
export const chainKey = 'sk-chain-5b0c9d7e2f4a6183';

/** Has every role ask these vendors, best first. `more`: further TOML, e.g. `[limits]`; `coder`: lines of that role. */
export function useChain(vtcode: TestVtcode, vendors: ChainVendor[], more = '', coder = ''): void {
  const models = JSON.stringify(vendors.map(({ name }) => `${name}/big`));
  const roles = ['planner', 'coder', 'general', 'explorer', 'reviewer'].map(
    (role) => `[roles.${role}]\nmodels = ${models}\n${role === 'coder' ? coder : ''}\n`,
  );
  writeSettings(vtcode, [more, ...vendors.map(vendorTable), ...roles].join('\n'));
  vtcode.environment.KEY = chainKey;
}

function vendorTable({ name, baseUrl, format, lines = 'api_key_env = "KEY"', contextTokens = 100_000 }: ChainVendor) {
  return `[providers.${name}]\nbase_url = "${baseUrl}"\nformat = "${format}"\n${lines}\n[providers.${name}.models.big]\ncontext_tokens = ${contextTokens}\nusd_per_million = { input = 1, output = 10 }\n`;
}
