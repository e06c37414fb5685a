type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that the user's variables name for a URL, as curl and most programs read them: `https_proxy` or
 * `http_proxy` by the URL, then `all_proxy`; small letters win over capitals; `no_proxy` names hosts without one. Servers
 * on this machine never have one: at the proxy, `localhost` is another machine. Null: none. `variable` tells a mistake's
 * place; `proxy` is a URL of http, https or socks5, or null when the variable holds no such URL.
 */
export function proxyFor(url: URL, variables: Variables): { variable: string; proxy: string | null } | null {
  const kind = url.protocol === 'https:' ? 'https_proxy' : 'http_proxy';
  const variable = [kind, kind.toUpperCase(), 'all_proxy', 'ALL_PROXY'].find((name) => variables[name]?.trim());
  if (variable === undefined || isLoopback(url.hostname)) return null;
  if (isExcepted(url, variables.no_proxy ?? variables.NO_PROXY ?? '')) return null;
  return { variable, proxy: proxyUrl(variables[variable] ?? '') };
}

/** A proxy as it is written, with or without `http://`; null: it is none that can be spoken to. */
export function proxyUrl(written: string): string | null {
  const text = written.trim();
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  if (!url || url.hostname === '' || !isDecodable(url.username + url.password)) return null;
  if (/^socks(5h?)?:$/.test(url.protocol)) return url.href.replace(/^socks5?h?:/, 'socks5:');
  return /^https?:$/.test(url.protocol) ? url.href : null;
}

function isDecodable(text: string): boolean {
  try {
    return typeof decodeURIComponent(text) === 'string';
  } catch {
    return false; // a stray percent sign: it is not clear what is meant
  }
}

function isLoopback(hostname: string): boolean {
  return /^(localhost|.*\.localhost|127\.[\d.]+|\[::1\])$/.test(hostname);
}

/** `*`, `host` with all below it, `.host`, `*.host`, `host:port`, an address, or a range of addresses (10.0.0.0/8). */
function isExcepted(url: URL, list: string): boolean {
  const { isIP, isIPv6 } = process.getBuiltinModule('node:net');
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      if (entry.includes('/')) return isIP(host) !== 0 && isInRange(host, entry);
      const [, name = entry, wanted] = /^(.*?|\[.*\])(?::(\d+))?$/.exec(isIPv6(entry) ? `[${entry}]` : entry) ?? [];
      if (wanted !== undefined && wanted !== port) return false;
      const bare = name.replace(/^\[|\]$/g, '').replace(/^\*?\./, '');
      return host === bare || (isIP(host) === 0 && host.endsWith(`.${bare}`));
    });
}

function isInRange(address: string, range: string): boolean {
  const { BlockList, isIP, isIPv6 } = process.getBuiltinModule('node:net');
  const [net = '', bits = ''] = range.split('/');
  const family = (text: string) => (isIPv6(text) ? 'ipv6' : 'ipv4');
  if (isIP(net) === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > (isIPv6(net) ? 128 : 32)) return false;
  const list = new BlockList();
  list.addSubnet(net, Number(bits), family(net));
  return list.check(address, family(address));
}
