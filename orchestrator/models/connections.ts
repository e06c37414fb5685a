import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../ipc/config.ts';
import { Fault } from '../../ipc/fault.ts';
import type { Endpoint } from '../../ipc/model.ts';
import { proxyFor, proxyUrl } from '../../providers/http/proxy-variables.ts';
import type { Environment } from './vendors.ts';

/** The keys of `[providers.<id>]` about the way to the vendor. */
export type ConnectionSettings = Pick<
  Config['providers'][string],
  'proxy' | 'ca_file' | 'client_cert_file' | 'client_key_file' | 'client_key_passphrase_env'
>;

/** Far more than all authorities of a machine, in bytes. */
const fileBytesMax = 4 * 1024 * 1024;

/**
 * The way to a vendor: its own settings, else the user's variables (`HTTPS_PROXY` and its kin, `NODE_EXTRA_CA_CERTS`).
 * Files are read here, because agents read none. Throws config_invalid for a file that cannot be read and for a proxy
 * that cannot be spoken to; a file of the variable is left out, as Node does.
 */
export function connectionOf(
  vendor: string,
  baseUrl: string,
  settings: ConnectionSettings,
  environment: Environment,
): Pick<Endpoint, 'proxy' | 'tls'> {
  const proxy = proxyOf(vendor, baseUrl, settings, environment);
  const read = (key: keyof ConnectionSettings) => fileOf(vendor, key, settings[key], environment);
  const extra = extraAuthorities(environment);
  const ca = [extra, read('ca_file')].filter((text) => text !== undefined).join('\n');
  const [cert, key] = [read('client_cert_file'), read('client_key_file')];
  const passphrase = environment[settings.client_key_passphrase_env ?? ''];
  const tls: Endpoint['tls'] = {
    ...(ca !== '' && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(key !== undefined && passphrase !== undefined && { passphrase }),
  };
  return { ...(proxy !== null && { proxy }), ...(Object.keys(tls).length > 0 && { tls }) };
}

function proxyOf(vendor: string, baseUrl: string, settings: ConnectionSettings, environment: Environment) {
  if (settings.proxy === 'none') return null;
  if (settings.proxy !== undefined) {
    const proxy = proxyUrl(settings.proxy);
    if (proxy !== null) return proxy;
    throw noProxy(`proxy in [providers.${vendor}]`);
  }
  const found = proxyFor(new URL(baseUrl), environment);
  if (found !== null && found.proxy === null) throw noProxy(found.variable);
  return found?.proxy ?? null;
}

function noProxy(place: string): Fault {
  return new Fault('config_invalid', `${place} is no proxy that vtcode can speak to.`, {
    advice: 'It is a URL such as http://proxy.example.org:3128, or one of https or socks5.',
  });
}

function extraAuthorities({ NODE_EXTRA_CA_CERTS: path }: Environment): string | undefined {
  if (!path) return undefined;
  try {
    return textOf(path);
  } catch {
    return undefined; // Node warns of it at its start
  }
}

function fileOf(
  vendor: string,
  key: string,
  written: string | undefined,
  { HOME = '/' }: Environment,
): string | undefined {
  if (written === undefined) return undefined;
  const path = written.startsWith('~/') ? join(HOME, written.slice(2)) : written;
  try {
    if (!path.startsWith('/')) throw new Error('it is no absolute path');
    return textOf(path);
  } catch (cause) {
    throw new Fault('config_invalid', `${key} of [providers.${vendor}] cannot be read: ${(cause as Error).message}.`, {
      cause,
      advice: 'Name a PEM file by its whole path, or by ~/… for one below your home folder.',
    });
  }
}

function textOf(path: string): string {
  const { size } = statSync(path);
  if (size > fileBytesMax) throw new Error(`it has more than ${fileBytesMax / 1024 ** 2} MB`);
  const text = readFileSync(path, 'utf8');
  if (!text.includes('-----BEGIN ')) throw new Error('it holds no PEM text');
  return text;
}
