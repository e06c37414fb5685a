import type { Config } from '../../ipc/config.ts';
import { toFault } from '../../ipc/fault.ts';
import { type ProbeAnswer, probe } from '../../providers/catalog/probe.ts';
import { keyOrigin, openChoice } from './keys.ts';
import { baseUrlOf, type Environment, type KnownVendor, vendorIds, vendorNamed } from './vendors.ts';

/** One checked thing: `words` gives its state, `advice` the next step when it is not good. */
export type Finding = { what: string; good: boolean; words: string; advice?: string };

/** How long a vendor may take to answer a request without cost, in milliseconds. */
const answerMs = 5000;
/** With a larger clock error, certificates and the times in rate limits are misread. In milliseconds. */
const clockMsMax = 5 * 60_000;
/** Node's error codes when no vendor can be reached at all, unlike a server that does not listen. */
const noNetwork = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'ENETDOWN', 'EHOSTUNREACH', 'timeout']);

type Checked = { vendor: KnownVendor; finding: Finding; answer: ProbeAnswer | null; askedAt: number };

/**
 * Asks all vendors that are set up, all at once: those with a key, those in the configuration, and those that a role
 * names. Reports whether keys are accepted without showing them, and whether this machine's clock is right. Without a
 * network it reports that once.
 */
export async function diagnoseModels(environment: Environment, config: Config): Promise<Finding[]> {
  const named = namedByRoles(config);
  const ids = vendorIds(config).filter((id) => isSetUp(id, config, environment) || named.has(id));
  if (ids.length === 0)
    return [{ what: 'models', good: true, words: "no vendor's key is set: vtcode models says more" }];
  const checked = await Promise.all(ids.map((id) => check(id, config, environment)));
  const remote = checked.filter(({ vendor, answer }) => !vendor.local && answer !== null);
  const isCut = remote.length > 0 && remote.every(({ answer }) => isUnreachable(answer));
  const told = isCut ? checked.filter((one) => !remote.includes(one)) : checked;
  return [...(isCut ? [cut(remote)] : []), ...told.map(({ finding }) => finding), ...clock(checked)];
}

function namedByRoles(config: Config): Set<string> {
  const refs = Object.values(config.roles).flatMap(({ models }) => models);
  return new Set(refs.map((ref) => ref.split('/')[0] ?? ''));
}

function isSetUp(id: string, config: Config, environment: Environment): boolean {
  if (Object.hasOwn(config.providers, id)) return true;
  const vendor = vendorNamed(id, config);
  return !vendor.local && keyOrigin(vendor.key, environment).type === 'variable';
}

async function check(id: string, config: Config, environment: Environment): Promise<Checked> {
  let vendor: KnownVendor | undefined;
  try {
    vendor = vendorNamed(id, config);
    const place = { vendor: id, format: vendor.format, baseUrl: baseUrlOf(vendor, environment), quirks: vendor.quirks };
    const endpoint = await openChoice(
      { ref: id, vendor: id, endpoint: place, key: vendor.key, connection: vendor.own ?? {} },
      environment,
    );
    const path = typeof vendor.openList === 'string' ? vendor.openList : undefined;
    const answer = endpoint && (await probe(endpoint, answerMs, path));
    const judged = answer ? judge(vendor, place.baseUrl, answer, environment) : { words: '', good: true };
    const way = endpoint?.proxy ? ` (through the proxy ${new URL(endpoint.proxy).host})` : '';
    const finding = { ...judged, words: `${judged.words}${way}` };
    return { vendor, finding: { what: id, ...finding }, answer, askedAt: Date.now() };
  } catch (error) {
    const { message, advice } = toFault(error);
    const finding = { what: id, good: false, words: message.split('\n').join(' '), ...(advice && { advice }) };
    return { vendor: vendor ?? lost(id), finding, answer: null, askedAt: 0 };
  }
}

/** Stands for a vendor whose description is incomplete. */
function lost(id: string): KnownVendor {
  const key = { variables: [], command: null, optional: true };
  const nothing = { defaultModel: null, openList: null, models: {}, row: null, own: null, local: false, quirks: {} };
  return { id, name: id, format: 'openai-chat', key, ...nothing };
}

function judge(
  vendor: KnownVendor,
  baseUrl: string,
  answer: ProbeAnswer,
  environment: Environment,
): Omit<Finding, 'what'> {
  const { host } = new URL(baseUrl);
  const origin = keyOrigin(vendor.key, environment);
  const key = origin.type === 'variable' ? origin.name : origin.type === 'command' ? origin.program : null;
  const where = `base_url is ${baseUrl}`;
  switch (answer.type) {
    case 'models':
      if (key === null) return { good: true, words: `${host} answers` };
      if (vendor.openList === true) return { good: true, words: `${host} answers; it shows its models without a key` };
      return { good: true, words: `${host} accepts the key of ${key}` };
    case 'refused':
      return {
        good: false,
        words: `${host} refuses the key${key ? ` of ${key}` : ''} (${answer.status})`,
        advice: key ? 'Set a key that is valid there.' : `Name its key: api_key_env in [providers.${vendor.id}].`,
      };
    case 'unreachable':
      return {
        good: false,
        words: `${host} does not answer (${answer.code})`,
        advice: vendor.local ? `Start ${vendor.name}, or correct ${vendor.row?.baseUrlVariable}.` : `Its ${where}.`,
      };
    case 'other':
      if (answer.html)
        return { good: false, words: `${host} answers a web page, no API`, advice: `Correct the address: ${where}.` };
      if (answer.status === 404 || answer.status === 405)
        return { good: true, words: `${host} answers, but has no list of models that would prove the key` };
      return { good: false, words: `${host} answers with status ${answer.status}`, advice: `Its ${where}.` };
  }
}

function isUnreachable(answer: ProbeAnswer | null): boolean {
  return answer?.type === 'unreachable' && noNetwork.has(answer.code);
}

function cut(remote: Checked[]): Finding {
  const codes = new Set(remote.map(({ answer }) => (answer?.type === 'unreachable' ? answer.code : '')));
  const names = remote.map(({ vendor }) => vendor.id).join(', ');
  return {
    what: 'network',
    good: false,
    words: `no network: ${names} cannot be asked (${[...codes].join(', ')})`,
    advice: 'The embedded model and servers on this machine work without.',
  };
}

/** The difference between this machine's clock and the vendors'; nothing if no vendor sent the time. */
function clock(checked: Checked[]): Finding[] {
  const offsets = checked.flatMap(({ answer, askedAt }) =>
    answer && answer.type !== 'unreachable' && answer.dateMs !== null ? [askedAt - answer.dateMs] : [],
  );
  if (offsets.length === 0) return [];
  const offset = offsets.sort((a, b) => a - b)[Math.floor(offsets.length / 2)] ?? 0;
  const minutes = Math.round(Math.abs(offset) / 60_000);
  if (Math.abs(offset) <= clockMsMax) return [{ what: 'clock', good: true, words: "agrees with the vendors'" }];
  return [
    {
      what: 'clock',
      good: false,
      words: `${minutes} minutes ${offset > 0 ? 'ahead of' : 'behind'} the vendors'`,
      advice: 'Set it: certificates and rate limits are misread otherwise.',
    },
  ];
}
