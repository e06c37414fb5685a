// Makes the vendors' SDKs small and quick to load in the bundle, without changing what they do for us.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transform } from 'esbuild';

const shadowed = ['Headers', 'Response', 'Request', 'FormData', 'ReadableStream', 'console'];

/**
 * Of OpenAI's API only these are called; its other resources, and the helpers that run tools and gather streams, become
 * classes of the same names and no content. test/providers/formats/bundle.test.ts asks through what is left.
 */
const openaiUsed =
  /openai\/resources\/(chat\/(chat|index|completions\/(completions|index))|responses\/responses|shared|index)\.mjs$/;
const openaiUnused =
  /openai\/(resources\/.*|lib\/(ChatCompletion\w*|responses\/ResponseStream|\w*(Runner|EventStream|AssistantStream)))\.mjs$/;

/**
 * Inside the SDKs, the web's classes that live in undici are the small ones of providers/http/light-web.ts: the first look at
 * Node's own costs 25 ms. Other code keeps Node's own, because the names are shadowed module by module.
 */
export function slimSdks(root) {
  const lightWeb = `import { ${shadowed.join(', ')} } from ${JSON.stringify(join(root, 'providers/http/light-web.ts'))};\n`;
  return {
    name: 'slim-sdks',
    setup(build) {
      build.onLoad(
        { filter: /node_modules\/(openai|@anthropic-ai\/sdk|@google\/genai)\/.*\.m?js$/ },
        async ({ path }) => {
          const text = readFileSync(path, 'utf8');
          if (openaiUnused.test(path) && !openaiUsed.test(path)) return { contents: hollow(text), loader: 'js' };
          const named = text.replaceAll(new RegExp(`globalThis\\.(${shadowed.join('|')})\\b`, 'g'), '$1');
          // Google's is one file of 29,000 lines, most of them names: the others need their annotations to be shaken.
          const short = path.includes('@google')
            ? (await transform(named, { minify: true, target: 'node22' })).code
            : named;
          return { contents: lightWeb + short, loader: 'js' };
        },
      );
    },
  };
}

/** A module of the same exports, each an empty class. An export that is missed fails the build. */
function hollow(text) {
  const named = [...text.matchAll(/^export (?:async )?(?:class|const|let|var|function\*?) (\w+)/gm)].map(
    (match) => match[1],
  );
  const listed = [...text.matchAll(/^export \{([^}]*)\}/gm)].flatMap((match) =>
    match[1].split(',').map((words) =>
      words
        .trim()
        .split(/\s+as\s+/)
        .at(-1),
    ),
  );
  const names = new Set([...named, ...listed].filter((name) => name && name !== 'default'));
  return [...names].map((name) => `export class ${name} {}`).join('\n');
}
