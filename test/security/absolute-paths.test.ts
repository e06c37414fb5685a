// Goal: a path means the same however it is written: absolute inside the work tree as relative, and never wider than that.
// Method: the gate judges lines with a known top; the hostile ones look as if they were inside.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeLine } from '../../security/rules/command-rules.ts';
import { shippedRules } from '../support/policy-rules.ts';

const top = '/home/u/project';
const where = { rules: shippedRules, directory: '.', tops: [top, '/home/u/link'] };
const nothing = { links: () => [], matches: () => [] };
const judged = (line: string, more = {}) => judgeLine(line, { ...where, follow: () => nothing, ...more });

const same: [string, string][] = [
  [`cat ${top}/src/a.js`, 'cat src/a.js'],
  [`cd ${top} && ls`, 'ls'],
  [`cd ${top}/src && cat a.js`, 'cd src && cat a.js'],
  [`git -C ${top} log --oneline`, 'git -C . log --oneline'],
  [`cat /home/u/link/src/a.js`, 'cat src/a.js'],
  [`cat /home//u/./project/a.js`, 'cat a.js'],
  [`cat ${top}/src/../a.js`, 'cat src/../a.js'],
  [`grep -rn foo ${top}/src`, 'grep -rn foo src'],
  [`echo x > ${top}/src/a.js`, 'echo x > src/a.js'],
  [`rm -rf ${top}/dist`, 'rm -rf dist'],
  [`${top}/node_modules/.bin/tsc -p .`, './node_modules/.bin/tsc -p .'],
  ['cat $PWD/src/a.js', 'cat src/a.js'],
  ['D=$(pwd); cd src; cat $D/a.js', 'cd src; cat src/a.js'],
  ['cd $(git rev-parse --show-toplevel) && ls', 'ls'],
  ['PY=$(which python3); $PY -m pytest', 'python3 -m pytest'],
  ['NODE="$(command -v node)"; "$NODE" --test', 'node --test'],
  [`cat ${top}/.env`, 'cat .env'],
  [`rm -rf ${top}`, 'rm -rf .'],
  [`echo x > ${top}/.git/config`, 'echo x > .git/config'],
  [`echo x >> ${top}/AGENTS.md`, 'echo x >> AGENTS.md'],
];
for (const [line, plain] of same)
  test(`${line} is judged as ${plain}`, () => {
    const [left, right] = [judged(line), judged(plain)];
    assert.equal(left.verdict, right.verdict, `${left.rule} | ${right.rule}`);
    assert.equal(left.risk, right.risk);
  });

const outside = [
  `cat ${top}/../project2/a.js`,
  `cat ${top}2/a.js`,
  `cat ${top}-old/a.js`,
  'cat /home/u/../u/project/a.js',
  'cat /home/u/project*/a.js',
  'cat /home/u/Project/a.js',
  `cd ${top}/.. && cat other/a.js`,
  `cat ${top}/src/../../other/a.js`,
  `git -C ${top}/.. status`,
  'D=$PWD; cd src/deep; cat $D/../a.js',
  `PWD=/home/u; cat $PWD/a.js`,
  `cd /home/u && cat a.js`,
  'cat ~/project/a.js',
  'cat ~/.ssh/config',
  `ln -s /home/u/other ${top}/x`,
  `cp ${top}/a.js /home/u/a.js`,
  `node ${top}2/a.js`,
  'ls /home/u',
  'ls ~',
  'find ~ -name x',
  'cat /etc/passwd',
  'cat /proc/self/environ',
  'tail /var/log/syslog',
  'echo x > /usr/local/bin/x',
  'sed -i s/a/b/ /usr/lib/python3/dist-packages/six.py',
  'find / -name id_rsa | xargs cat',
  'find / -name a -exec cat {} +',
  'cat /usr/local/etc/passwords',
  '/opt/x',
];
for (const line of outside)
  test(`${line} is asked for`, () => {
    const { verdict, risk, rule } = judged(line, { saves: true });
    assert.ok(verdict === 'deny' || (verdict === 'ask' && risk === 'beyond'), rule);
  });

const held = [
  'ls /usr/include',
  'cat /etc/os-release',
  'cat /proc/cpuinfo',
  'grep -n f /usr/lib/python3/dist-packages/six.py',
  'cat ~/.cargo/registry/src/x/lib.rs',
  'find /usr -name java -type f',
  'find / -name javac',
  'ls -l /usr/bin/java',
  'cd /usr/include && head stdio.h',
  'find /usr/include -name "*.h" | xargs grep -l foo',
  '/usr/lib/jvm/java-11/bin/javac A.java',
  'ls /var/tmp',
  'ls $JAVA_HOME',
  'D=$(go list -m -f "{{.Dir}}" x); cat $D/y.go',
  'mkdir -p a/{b,c/{d,e}}',
  'rm -rf repro',
  'rm -rf test_*',
  'find . -name "*.bak" -delete',
  'git checkout -- a.js',
  'git restore src/a.js',
  'git checkout HEAD~1 -- a.js',
  'cat *.json',
  'grep x pkg/*/',
  'while IFS= read -r line; do echo "$line"; done < a.txt',
  'npx --yes prettier --check .',
  'echo "done ✔️ 👩‍💻 1️⃣"',
  'curl -s -o /dev/null -w "%{http_code}" http://localhost:3000',
  `curl -sS -X POST localhost:8000/a -H "Content-Type: application/json" -d '{"a":1}'`,
  'wget -qO- http://127.0.0.1:8080/health',
  "python3 -c 'print(2 * 3)'",
];
for (const line of held)
  test(`${line} goes through where the walls or a save hold it`, () => {
    const { verdict, risk, rule } = judged(line, { saves: true });
    assert.ok(verdict === 'allow' || risk === 'contained', rule);
  });

const lost = ['rm -rf repro', 'git checkout -- a.js', 'find src -type f -delete', 'rm -rf test_*'];
for (const line of lost)
  test(`${line} is asked for without a save, and says which files it destroys`, () => {
    const { verdict, risk, parts } = judged(line);
    assert.deepEqual([verdict, risk], ['ask', 'beyond']);
    assert.ok(parts.some(({ destroys = [] }) => destroys.length > 0));
  });

const whole = [
  'rm -rf .',
  'rm -rf *',
  'rm -rf ./*',
  `rm -rf ${top}`,
  `rm -rf ${top}/*`,
  'find . -delete',
  'git checkout -- .',
];
for (const line of [...whole, 'git checkout main', 'git restore .', 'rm -rf "$X"', 'find . -name "*" -delete'])
  test(`${line} is asked for although there is a save`, () => {
    const { verdict, risk, rule } = judged(line, { saves: true });
    assert.deepEqual([verdict, risk], ['ask', 'beyond'], rule);
  });

test('a rule that names a file by its relative path holds for the absolute one, and the other way round', () => {
  const rules = { allow: [], ask: [], deny: ['node scripts/deploy.js'] };
  assert.equal(judgeLine(`node ${top}/scripts/deploy.js`, { ...where, rules }).verdict, 'deny');
});

test('a wildcard that now means a file of keys is asked for', () => {
  const follow = () => ({ links: () => [], matches: () => ['package.json', 'credentials.json'] });
  assert.equal(judgeLine('cat *.json', { ...where, follow }).risk, 'beyond');
});

test('the files that a wildcard means are read each for itself', () => {
  const follow = () => ({ links: () => [], matches: () => ['AGENTS.md', 'README.md'] });
  const [part] = judgeLine('cat *.md', { ...where, follow }).parts;
  assert.deepEqual(part?.reads, ['*.md', 'AGENTS.md', 'README.md']);
});
