import type { Need } from './move-model.ts';
import type { Way } from './move-resolver.ts';

/** A way to write a reference: `R` is the path, `N` a number of its own. */
export type Form = {
  text: string;
  /** Files that it may stand in. */
  in: RegExp;
  /** Files that it may lead to. */
  to: RegExp;
  /** Around the scripts of a file of markup. */
  isMarkup?: boolean;
  /** When other than that of the file's imports. */
  way?: Way;
  need?: Need;
  /** Only in files whose imports are found this way; absent: in modules and style sheets, not in scripts of CommonJS. */
  where?: Way;
};

const modules = /\.[cm]?[jt]sx?$|\.(?:vue|svelte|astro|mdx)$/;
const code = /(?<!\.d)\.[cm]?[jt]sx?$/;
const typed = /(?<!\.d)\.[cm]?tsx?$/;
const markup = /\.(?:vue|svelte|astro|mdx)$/;

const form = (text: string, at: Partial<Form> = {}): Form => ({ text, in: modules, to: code, ...at });

/** Imports of modules; the file may have them wherever `import` is understood. */
const imports: Form[] = [
  form("import { aN } from 'R';"),
  form('import * as bN from "R";'),
  form("import 'R';"),
  form("import cN, { type dN } from 'R';", { in: typed }),
  form("import {\n  eN, // from './nowhere'\n  fN as gN,\n} from 'R';"),
  form("export * from 'R';"),
  form("export { hN as default } from 'R';"),
  form("export { iN as 'any name' } from 'R';"),
  form("const jN = () => import('R');"),
  form('const kN = await import(/* webpackChunkName: "k" */ \'R\');'),
  form('const lN = () => import(`R`);'),
  form("const mN = import(\n  // late\n  'R',\n);"),
  form("import nN from 'R' with { type: 'json' };", { to: /\.json$/ }),
  form("import { oN } from 'R'; // R stays", { to: /\.nothing$/ }),
  form("import pN from 'R?raw';", { where: 'bundler', to: /\.(?:ts|css|svg)$/ }),
  form("import qN from 'R';", { where: 'bundler', to: markup }),
  form("import rN from 'R';", { where: 'bundler', to: /\.(?:svg|json)$/ }),
  form("import 'R';", { where: 'bundler', to: /\.(?:css|scss)$/ }),
  form("export { default as sN } from 'R';", { where: 'bundler', to: markup }),
  form("/** @type {import('R').A} */\nlet tN;", { in: /\.(?:[cm]?jsx?|vue)$/ }),
  form("/** @import { A as uN } from 'R' */", { in: /\.[cm]?jsx?$/ }),
  form("jest.mock('R', () => ({ vN: 1 }));", { in: /\.test\./ }),
  form("vi.mock('R', async (load) => ({ ...(await load()) }));", { in: /\.test\./ }),
  form("vi.mock(import('R'), () => ({}));", { in: /\.test\./ }),
  form("const wN = await vi.importActual<typeof import('R')>('R');", { in: /\.test\.tsx?$/ }),
  form("jest.mock<typeof import('R')>('R');", { in: /\.test\.tsx?$/ }),
];

const types: Form[] = [
  form("import type { AN } from 'R';"),
  form("export type { BN } from 'R';"),
  form("export type * from 'R';"),
  form("import { type CN, dN } from 'R';"),
  form("type EN = import('R').E;"),
  form("type FN = typeof import('R', { with: { 'resolution-mode': 'import' } });", { to: /\.nothing$/ }),
  form("type GN = (typeof import('R'))['g'];"),
  form("import HN = require('R');"),
  form("export import IN = require('R');", { to: /\.nothing$/ }),
  form("declare module 'R' {\n  interface J {\n    jN: 1;\n  }\n}"),
  form("const kN = (await import('R')) satisfies typeof import('R');"),
].map((one) => ({ ...one, in: typed, where: 'bundler' }) as Form);

/** Paths beside the file. */
const own: Form[] = [
  form("const aaN = new URL('R', import.meta.url);", { to: /\.(?:[cm]?js|json|svg)$/, in: code, way: 'beside' }),
  form("new Worker(new URL('R', import.meta.url), { type: 'module' });", { to: code, in: code, way: 'beside' }),
  form("const bbN = import.meta.resolve('R');", { where: 'esm', in: code }),
  form("const ccN = createRequire(import.meta.url)('R');", {
    where: 'esm',
    in: /\.m?js$/,
    to: /\.json$/,
    need: 'tell',
  }),
  form("const ddN = join(import.meta.dirname, 'R');", { where: 'esm', in: code, to: /\.(?:json|svg)$/, way: 'beside' }),
];

const scripts: Form[] = [
  form("const aN = require('R');"),
  form("const { bN } = require('R');"),
  form("module.exports.cN = require('R').cN;"),
  form("const dN = require.resolve('R');"),
  form("exports.eN = () => require( /* late */ 'R' );"),
  form('const fN = require(`R`);'),
  form("jest.mock('R');", { in: /\.test\./ }),
  form("const gN = jest.requireActual('R');", { in: /\.test\./ }),
  form("const hN = proxyquire('R', {});", { in: /\.test\./ }),
  form("/** @type {import('R').A} */\nlet iN;"),
  form("const jN = require('R');", { to: /\.json$/ }),
  form("import('R').then(() => undefined);", { way: 'esm' }),
  form("const kN = fs.readFileSync(path.join(__dirname, 'R'));", { to: /\.(?:json|svg)$/, way: 'beside' }),
  form("const lN = fs.readFileSync(__dirname + '/R');", { to: /\.(?:json|svg)$/, way: 'beside' }),
  form("const mN = path.resolve(__dirname, 'R');", { way: 'beside' }),
].map((one) => ({ ...one, where: 'cjs', in: one.in === modules ? code : one.in }) as Form);

const styles: Form[] = [
  form("@import 'R';", { to: /\.css$/ }),
  form('@import url("R") screen;', { to: /\.css$/ }),
  form('.aN {\n  background: url(R);\n}', { to: /\.svg$/ }),
  form(".bN {\n  background: url('R#part') no-repeat;\n}", { to: /\.svg$/ }),
  form(".cN {\n  composes: d from 'R';\n}", { to: /\.css$/ }),
  form("@use 'R' as *;", { in: /\.scss$/, to: /\.scss$/ }),
  form("@forward 'R';", { in: /\.scss$/, to: /\.scss$/ }),
].map((one) => ({ ...one, way: 'style', in: one.in === modules ? /\.s?css$/ : one.in }) as Form);

/** Paths that are completed at run time. `to` tells the ending of the files that are taken. */
const globs: Form[] = [
  form("const gaN = import.meta.glob('R/*.vue');", { where: 'bundler', in: /\.(?:ts|vue|svelte)$/, to: /\.vue$/ }),
  form("const gbN = import.meta.glob(['R/*.ts'], { eager: true });", { where: 'bundler', in: typed, to: /[^.]\.ts$/ }),
  form(`const gcN = (name: string) => import(\`R/\${name}.ts\`);`, { where: 'bundler', in: typed, to: /[^.]\.ts$/ }),
  form(`const gdN = (name) => require(\`R/\${name}.js\`);`, { where: 'cjs', in: /\.c?js$/, to: /[^.]\.js$/ }),
  form(`const geN = (name) => import(\`R/\${name}.js\`);`, { where: 'esm', in: /\.m?js$/, to: /[^.]\.js$/ }),
].map((one) => ({ ...one, way: 'glob', need: 'tell' }) as Form);

/** Around the scripts of markup. */
const around: Form[] = [
  form('<script src="R"></script>', { in: /\.vue$/, to: /[^.]\.ts$/ }),
  form('<style src="R"></style>', { in: /\.vue$/, to: /\.css$/ }),
  form("<style>\n@import 'R';\n</style>", { in: /\.(?:vue|svelte|astro)$/, to: /\.css$/ }),
  form('<img src="R" />', { in: /\.(?:vue|svelte|astro)$/, to: /\.svg$/ }),
  form('<img src="R" />', { in: /\.mdx$/, to: /\.svg$/, need: 'text' }),
  form('[text](R)', { in: /\.mdx$/, to: modules, need: 'text' }),
].map((one) => ({ ...one, where: 'bundler', way: 'beside', need: one.need ?? 'tell', isMarkup: true }) as Form);

/** Strings and comments in code. */
const strings: Form[] = [
  form("const zzN = ['R'];", { way: 'root', need: 'tell', in: code, where: 'cjs' }),
  form('// as R does', { way: 'root', need: 'text', in: code, where: 'cjs' }),
  form("const zaN = 'R';", { way: 'root', need: 'tell', in: code }),
  form('// see R for more', { way: 'root', need: 'text', in: code }),
  form('/* R */', { way: 'root', need: 'text', in: code }),
];

export const forms: Form[] = [...imports, ...types, ...own, ...scripts, ...styles, ...globs, ...around, ...strings];
