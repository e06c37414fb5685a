import { randomBytes } from 'node:crypto';
import { customAlphabet } from 'nanoid';

/** Lower case and digits without look-alikes, so that an id survives being read aloud and is a legal ref name. */
const alphabet = '23456789abcdefghjkmnpqrstuvwxyz';
const suffix = customAlphabet(alphabet, 12);

/** `run_` and 12 characters: 59 bits, enough for one person's runs of a lifetime. */
export function newRunId(): string {
  return `run_${suffix()}`;
}

const short = customAlphabet(alphabet, 5);

/** The id of an approval, unique among those that wait at the same time: short enough to be typed. */
export function newApprovalId(): string {
  return short();
}

/** The id of a call that a person makes, in the form of vendors' ids for models' calls. */
export function newCallId(): string {
  return `call_${suffix()}`;
}

/** The mark in the environment of every process of one host's life, by which it can be found and ended. */
export function newFamilyToken(): string {
  return randomBytes(16).toString('hex');
}

export function isRunId(text: string): boolean {
  return /^run_[23456789abcdefghjkmnpqrstuvwxyz]{12}$/.test(text);
}
