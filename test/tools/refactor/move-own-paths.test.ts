// Goal: paths that a moved file builds from its own place lead where they led, or are told with their line.
// Method: one file with a path of each form, moved one folder deeper; then files whose paths lead into what moves.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { moved } from './moved.ts';

const around = { 'src/x.json': '{}', 'src/l/en.js': '', 'src/w.js': '', 'y.json': '{}' };

test('a path whose beginning is known keeps leading there', async () => {
  const code = (up: string) =>
    [
      `join(__dirname, '${up}x.json');`,
      `path.resolve(import.meta.dirname, '${up}l', name);`,
      `const here = dirname(fileURLToPath(import.meta.url));`,
      `read(join(here, '${up}x.json'));`,
      `const a = __dirname + '/${up}x.json';`,
      `new URL('${up || './'}x.json', import.meta.url);`,
      `import(\`${up || './'}l/\${name}.js\`);`,
      `new URL(\`${up || './'}l/\${name}.png\`, import.meta.url);`,
      `import.meta.glob(['${up || './'}l/*.js', '!${up || './'}l/no.js']);`,
      `require.context('${up || './'}l', true);`,
      '',
    ].join('\n');
  const { status, changed } = await moved({ ...around, 'src/load.js': code('') }, 'src/load.js', 'src/deep/load.js');
  assert.deepEqual({ status, changed }, { status: 'ok', changed: { 'src/deep/load.js': code('../') } });
});

test('a path in several strings keeps its strings where it can', async () => {
  const code = (...paths: string[]) => paths.map((path) => `read(join(__dirname, ${path}));\n`).join('');
  const files = { 'test/data/a.json': '', 'test/deep/data/b.json': '', 'test/run.js': '' };
  const before = code(`'data', 'a.json'`, `"deep/data", 'b.json'`, `'data', name`, `'..', 'test', 'data/a.json'`);
  const folder = await moved({ ...files, 'test/run.js': before }, 'test/data/', 'test/samples');
  const after = code(`'samples', 'a.json'`, `"deep/data", 'b.json'`, `'samples', name`, `'samples', 'a.json'`);
  assert.deepEqual([folder.status, folder.changed], ['ok', { 'test/run.js': after }]);
  const deeper = await moved({ ...files, 'test/run.js': code(`'data', 'a.json'`) }, 'test/run.js', 'test/x/run.js');
  assert.deepEqual(deeper.changed, { 'test/x/run.js': code(`'..', 'data', 'a.json'`) });
  const odd = await moved({ ...files, 'test/run.js': code(`'data', /* all */ 'a.json'`) }, 'test/data/', 'test/s');
  assert.deepEqual(odd.unplaced, ['test/run.js:1:11 leads to test/data/a.json from where the file lies now']);
});

test('any other use of the file’s place, and a relative path in a string, is told; harmless ones are not', async () => {
  const code = [
    `const a = \`\${__dirname}/x.json\`;`,
    'show(__filename);',
    "new Worker('./w.js');",
    "const require = createRequire(import.meta.url); require('node:fs');",
    'if (process.argv[1] === fileURLToPath(import.meta.url)) main();',
    "read('src/x.json'); read('./no.json'); // './w.js'",
    '',
  ].join('\n');
  const { changed, unplaced } = await moved({ ...around, 'src/load.js': code }, 'src/load.js', 'src/deep/load.js');
  assert.deepEqual(changed, {});
  assert.deepEqual(unplaced, [
    'src/load.js:1:14 uses the place of this file, which moves',
    'src/load.js:2:6 uses the place of this file, which moves',
    'src/load.js:3:13 led to src/w.js before this file moves',
  ]);
});

test('a file that is only renamed in its folder keeps its paths', async () => {
  const code = `show(__filename);\nimport(\`./l/\${name}.js\`);\nnew Worker('./w.js');\n`;
  const { status, changed } = await moved({ ...around, 'src/load.js': code }, 'src/load.js', 'src/loader.js');
  assert.deepEqual({ status, changed }, { status: 'ok', changed: {} });
});

test('a path that is completed at run time follows a folder, and is told when one file of it moves', async () => {
  const code = (folder: string) => `import(\`./${folder}/\${name}.js\`);\nimport.meta.glob('./${folder}/*.js');\n`;
  const files = { 'main.js': code('plugins'), 'plugins/a.js': '', 'plugins/b.js': '' };
  const whole = await moved(files, 'plugins/', 'extensions');
  assert.deepEqual(whole.changed, { 'main.js': code('extensions') });
  const one = await moved(files, 'plugins/a.js', 'other/a.js');
  assert.deepEqual(one.changed, {});
  assert.deepEqual(
    one.unplaced.map((words) => words.replace(/ '.*?'/, '')),
    [1, 2].map((line) => `main.js:${line}:${[9, 19][line - 1]} is completed at run time, and may lead to what moves`),
  );
});
