/**
 * The commands that work on runs: `runCli` with all that they load sooner or later. In the bundle that is one file:
 * divided by what else uses its parts it is forty, and to find and load those takes 25 ms longer (scripts/build.mjs).
 */
export { runCli } from './register/commands.ts';
