import { BlockList, isIP } from 'node:net';

/**
 * Network grants: which hosts a command may reach. A grant is `host`, `*.host` (what lies below it) or an address, each
 * with `:port` or without, which means 443 and 80. An IPv6 address stands in brackets.
 */
export type Target = { host: string; port: number };

/** A parsed grant; `host` is in lower case, and without the `*.` of a grant for all hosts below it. */
type Grant = { host: string; isBelow: boolean; port: number | null };

const usualPorts = [443, 80];
const form = /^(\*\.)?(\[[0-9a-f:.]+\]|[^\s:/\\@?#%*[\]]+)(?::(\d{1,5}))?$/i;

/** The mistake in a grant, in words; undefined: the grant is fine. Pure. */
export function whatIsWrong(grant: string): string | undefined {
  return readGrant(grant)
    ? undefined
    : `${JSON.stringify(grant)} is no host: say "api.example.org", "*.example.org", "10.0.0.7" or one of them with ":8443"`;
}

function readGrant(text: string): Grant | undefined {
  const [, below, name = '', digits] = form.exec(text) ?? [];
  const host = canonicalHost(name);
  const port = digits === undefined ? null : Number(digits);
  if (host === undefined || (port !== null && (port < 1 || port > 65_535))) return undefined;
  // A suffix of one label would be most of the network.
  if (below !== undefined && (isIP(host) !== 0 || !host.includes('.'))) return undefined;
  return { host, isBelow: below !== undefined, port };
}

/**
 * The canonical form of a host: lower case, punycode, no dot at the end, and addresses in their usual form, also those
 * written another way (2130706433, 0x7f.1, 017700000001). Undefined: the text is no host. Pure.
 */
export function canonicalHost(text: string): string | undefined {
  if (!/^(\[[0-9a-f:.]+\]|[^\s:/\\@?#%[\]]+)$/i.test(text) || text.length > 255) return undefined;
  try {
    const host = new URL(`http://${text}/`).hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
    return isIP(host) !== 0 || /^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/.test(host) ? host : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a host, in its canonical form, may be reached at a port. Pure. */
export function isGranted({ host, port }: Target, grants: string[]): boolean {
  return grants.some((text) => {
    const grant = readGrant(text);
    return grant !== undefined && isCovered({ host, isBelow: false, port }, grant);
  });
}

/**
 * The person's grants, narrowed to those that the repository says it needs. `ignored`: hosts that the repository named
 * and the person did not grant. Pure.
 */
export function narrowGrants(own: string[], wanted: string[]): { allow: string[]; ignored: string[] } {
  const covers = (outer: string, inner: string) => {
    const [one, other] = [readGrant(outer), readGrant(inner)];
    return one !== undefined && other !== undefined && isCovered(other, one);
  };
  const kept = own.filter((grant) => wanted.some((other) => covers(other, grant)));
  const [allowed, ignored] = [[] as string[], [] as string[]];
  for (const grant of wanted) {
    if (own.some((other) => covers(other, grant))) allowed.push(grant);
    else if (!own.some((other) => covers(grant, other))) ignored.push(grant);
  }
  return { allow: [...new Set([...kept, ...allowed])], ignored };
}

function isCovered(inner: Grant, outer: Grant): boolean {
  const samePort = outer.port === inner.port || (outer.port === null && usualPorts.includes(inner.port ?? 0));
  if (!samePort) return false;
  if (outer.isBelow) return inner.host.endsWith(`.${outer.host}`) || (inner.isBelow && inner.host === outer.host);
  return !inner.isBelow && inner.host === outer.host;
}

/** Addresses outside the public internet: this machine, its networks, metadata services, reserved ranges. RFC 6890. */
const notPublic = new BlockList();
const ranges4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...['224.0.0.0/4', '240.0.0.0/4'],
];
/** Of IPv6 only 2000::/3 is in use; of that, the ranges that carry IPv4 addresses (Teredo, 6to4) and documentation. */
const ranges6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];
const public6 = new BlockList();
public6.addSubnet('2000::', 3, 'ipv6');
for (const [ranges, family] of [
  [ranges4, 'ipv4'],
  [ranges6, 'ipv6'],
] as const)
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    notPublic.addSubnet(address, Number(bits), family);
  }

/** Whether an address is one of the public internet. Pure. */
export function isPublic(address: string): boolean {
  const version = isIP(address);
  if (version === 4) return !notPublic.check(address, 'ipv4');
  return version === 6 && public6.check(address, 'ipv6') && !notPublic.check(address, 'ipv6');
}
