/**
 * Small stand-ins for the web's classes, as far as model SDKs need them. Node's own are part of undici: the first look
 * at any of them loads it, which costs more than all else at the start of a call. The build puts these in their place
 * inside the SDKs only (scripts/slim-sdks.mjs), so nobody else's globals change. From source, SDKs use Node's own.
 */
export class Headers {
  readonly #values = new Map<string, string>();

  constructor(init?: Iterable<[string, string]> | Record<string, string> | undefined) {
    if (init === undefined || init === null) return;
    const pairs = Symbol.iterator in init ? (init as Iterable<[string, string]>) : Object.entries(init);
    for (const [name, value] of pairs) this.append(name, value);
  }

  get(name: string): string | null {
    return this.#values.get(name.toLowerCase()) ?? null;
  }
  has(name: string): boolean {
    return this.#values.has(name.toLowerCase());
  }
  set(name: string, value: string): void {
    this.#values.set(name.toLowerCase(), String(value));
  }
  append(name: string, value: string): void {
    const before = this.get(name);
    this.set(name, before === null ? value : `${before}, ${value}`);
  }
  delete(name: string): void {
    this.#values.delete(name.toLowerCase());
  }
  forEach(visit: (value: string, name: string) => void): void {
    for (const [name, value] of this.#values) visit(value, name);
  }
  keys(): MapIterator<string> {
    return this.#values.keys();
  }
  values(): MapIterator<string> {
    return this.#values.values();
  }
  entries(): MapIterator<[string, string]> {
    return this.#values.entries();
  }
  [Symbol.iterator](): MapIterator<[string, string]> {
    return this.#values.entries();
  }
}

/**
 * A body that can be read once, in both ways that the SDKs read: as an async iterable and with a reader. Who stops
 * reading does not close the connection: whether it can be kept is the transport's to know.
 */
export class Body {
  readonly #chunks: AsyncIterator<Uint8Array>;

  constructor(chunks: AsyncIterator<Uint8Array>) {
    this.#chunks = chunks;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return { next: () => this.#chunks.next(), return: async () => ({ done: true, value: undefined }) };
  }
  getReader() {
    return { read: () => this.#chunks.next(), cancel: async () => {}, releaseLock: () => {} };
  }
  async cancel(): Promise<void> {}
}

type ResponseInit = { status?: number; statusText?: string; headers?: Iterable<[string, string]>; url?: string };

/** An answer. With a text for a body it can be read as text or JSON; with a stream, as a stream. */
export class Response {
  readonly status: number;
  readonly ok: boolean;
  readonly statusText: string;
  readonly headers: Headers;
  readonly url: string;
  readonly body: Body | null;
  readonly #text: string | null;

  constructor(body: string | Body | null = null, init: ResponseInit = {}) {
    this.status = init.status ?? 200;
    this.ok = this.status >= 200 && this.status < 300;
    this.statusText = init.statusText ?? '';
    this.headers = new Headers(init.headers);
    this.url = init.url ?? '';
    this.#text = typeof body === 'string' ? body : null;
    this.body = typeof body === 'string' ? new Body(once(body)) : body;
  }

  async text(): Promise<string> {
    if (this.#text !== null || this.body === null) return this.#text ?? '';
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.body) chunks.push(chunk);
    return Buffer.concat(chunks).toString('utf8');
  }
  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }
  async arrayBuffer(): Promise<ArrayBuffer> {
    return new TextEncoder().encode(await this.text()).buffer;
  }
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

/** The SDKs only ask whether something is one of these. Nothing of ours is. */
export class Request {}
export class FormData {}
export class ReadableStream {}

const silent = () => {};
/** What an SDK has to say to the terminal is not said: a screen may own it. */
export const console = { log: silent, debug: silent, info: silent, warn: silent, error: silent };
