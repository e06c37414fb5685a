import { join } from 'node:path';
import { loadConfig } from '../../orchestrator/config/config.ts';

/** The rules of the shipped configuration. */
export const shippedRules = loadConfig(join(import.meta.dirname, 'nowhere.toml'), null).config.policy.commands;
