import { rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeRepository, type TestRepository } from '../test/support/repository.ts';
import { writeSettings } from '../test/support/scripted-run.ts';
import { type TestVtcode, testVtcode } from '../test/support/vtcode.ts';
import { type Server, startServer } from './scripted-client.ts';

/** Where scenarios play. `plan` is a plan file outside of the repository, with one task for each prompt. */
export type Stage = {
  server: Server;
  repository: TestRepository;
  vtcode: TestVtcode;
  plan: string;
  remove(): Promise<void>;
};

/** A server, a small repository, and a user whose only model is the server's. The limits are too high to matter. */
export async function setStage(prompts: string[]): Promise<Stage> {
  const server = await startServer();
  const repository = makeRepository({ 'README.md': 'A sample.\n', ...freshFiles(prompts.length) });
  const vtcode = testVtcode();
  const roles = ['coder', 'general', 'explorer'].map((role) => `[roles.${role}]\nmodels = ["acme/big"]\n`);
  writeSettings(
    vtcode,
    `[limits]
agents = 32
workspaces = 32
background = 128
turns = 300
[providers.acme]
base_url = "${server.baseUrl}"
format = "openai-chat"
[providers.acme.models.big]
context_tokens = 1_000_000
usd_per_million = { input = 1, output = 1 }
${roles.join('')}`,
  );
  const plan = `${repository.root}.toml`;
  const tasks = prompts.map(
    (prompt, at) => `[[tasks]]\nid = "t${at}"\ntitle = "${prompt}"\nprompt = "${prompt}"\nscope = ["a${at}.txt"]\n`,
  );
  writeFileSync(plan, `goal = "many at once"\n${tasks.join('')}`);
  return {
    server,
    repository,
    vtcode,
    plan,
    async remove() {
      await server.stop();
      repository.remove();
      rmSync(plan, { force: true });
      rmSync(dirname(vtcode.state), { recursive: true, force: true });
    },
  };
}

/** The files that scenarios edit, as they were in the beginning. */
export function freshFiles(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [`a${at}.txt`, 'old\n']));
}
