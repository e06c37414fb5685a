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

/** Names an approval among those that wait at one time: short enough to be typed. */
export function newApprovalId(): string {
  return short();
}

/** Names a call that a person makes, as vendors name those of models. */
export function newCallId(): string {
  return `call_${suffix()}`;
}

/** The mark that every process of one host's life carries in its environment, so that it can be found and ended. */
export function newFamilyToken(): string {
  return randomBytes(16).toString('hex');
}

export function isRunId(text: string): boolean {
  return /^run_[23456789abcdefghjkmnpqrstuvwxyz]{12}$/.test(text);
}
