import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// `npm run demo`: the main job on a sample repository. Everything it makes lies in one temporary folder.
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), 'vtcode-demo-'));
const repository = join(folder, 'repository');
const vtcode = join(root, 'cli', 'vtcode');
// The embedded model, whatever keys are in the environment: a demonstration costs nobody anything.
const settings = join(folder, 'config', 'vtcode', 'agents.toml');
mkdirSync(dirname(settings), { recursive: true });
writeFileSync(settings, '[roles.planner]\nmodels = ["embedded"]\n\n[roles.coder]\nmodels = ["embedded"]\n');
const environment = {
  ...process.env,
  XDG_STATE_HOME: join(folder, 'state'),
  XDG_CONFIG_HOME: join(folder, 'config'),
};

const git = (...args: string[]) => execFileSync('git', args, { cwd: repository, encoding: 'utf8' });
const show = (command: string, args: string[]) => {
  process.stdout.write(
    `\n$ ${command === vtcode ? 'vtcode' : command} ${args.map((arg) => (arg.includes(' ') ? `"${arg}"` : arg)).join(' ')}\n`,
  );
  return spawnSync(command, args, { cwd: repository, env: environment, stdio: 'inherit' }).status ?? 1;
};

cpSync(join(root, 'scripts', 'demo-sample'), repository, { recursive: true });
mkdirSync(join(repository, 'node_modules', '.bin'), { recursive: true });
symlinkSync(join(root, 'node_modules', 'typescript'), join(repository, 'node_modules', 'typescript'));
symlinkSync('../typescript/bin/tsc', join(repository, 'node_modules', '.bin', 'tsc'));
git('init', '--quiet', '--initial-branch=main');
git(
  '-c',
  'user.name=demo',
  '-c',
  'user.email=demo@example.org',
  'add',
  '--',
  'src',
  'test',
  'package.json',
  'tsconfig.json',
);
git('-c', 'user.name=demo', '-c', 'user.email=demo@example.org', 'commit', '--quiet', '-m', 'A sample');
process.stdout.write(`The sample repository: ${repository}\n`);

const code = show(vtcode, ['run', '--plan', 'rename fetchUser to loadUser', '--yes']);
const branch = git('branch', '--list', 'vtcode/*', '--format=%(refname:short)').trim();
if (branch !== '') show('git', ['--no-pager', 'diff', '--stat', 'main', branch]);
process.stdout.write(`\nEverything of this demo lies in ${folder}\n`);
process.exitCode = code;
