// A client of the campusgate gateway, which needs nothing but fetch.
// Generated from its registry by `campusgate docs --format typescript`; do not edit.

/** What every call is answered with. */
export interface Envelope<Data> {
  id: number;
  status: number;
  message: string;
  data: Data;
  /** Which key broke which rule, for developers; only failures have it. */
  detail?: string;
}

/** The data of a request or an answer that has none. */
export type None = Record<string, never>;

/** An answer whose status is not 0. */
export class CampusgateError extends Error {
  override readonly name = "CampusgateError";
  /** One of `statuses`: of every call or of the one that failed. */
  readonly status: number;
  /** Which key broke which rule, for developers; "" if it was none. */
  readonly detail: string;

  constructor(answer: Envelope<unknown>) {
    super(answer.message);
    this.status = answer.status;
    this.detail = answer.detail ?? "";
  }
}

/** An answer that is no envelope: a proxy's, or that of another server. */
export class ForeignAnswerError extends Error {
  override readonly name = "ForeignAnswerError";
  /** The status of HTTP. */
  readonly httpStatus: number;

  constructor(httpStatus: number, body: string) {
    super(`HTTP ${httpStatus}: ${body.replace(/\s+/g, " ").trim().slice(0, 100)}`);
    this.httpStatus = httpStatus;
  }
}

/** What a client is made with. */
export interface ClientOptions {
  /** The base path, with the host if it is not the page's own. */
  base?: string;
  /** The user's token, or a function that returns it for each call. */
  token?: string | (() => string | undefined);
  /** In place of the global fetch. */
  fetch?: typeof globalThis.fetch;
  /** Addresses of pictures with their host, as a page of another site needs them. */
  absolute?: boolean;
}

class Connection {
  private readonly base: string;
  private readonly options: ClientOptions;

  constructor(options: ClientOptions) {
    this.base = options.base ?? "/api/external";
    if (options.absolute) this.base = new URL(this.base, globalThis.location?.href).href;
    this.options = options;
  }

  /** Posts an envelope. */
  post<Data>(path: string, type: string, subtype: string, data: object, signal?: AbortSignal): Promise<Data> {
    const body = JSON.stringify({ id: 1, status: 0, type, subtype, data });
    return this.ask<Data>(this.base + path, { method: "POST", body, signal: signal ?? null }, { "Content-Type": "application/json" });
  }

  /** Sends a query. */
  get<Data>(path: string, parameters: object, signal?: AbortSignal): Promise<Data> {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(parameters)) {
      if (value !== undefined) query.set(name, String(value));
    }
    return this.ask<Data>(`${this.base}${path}?${query}`, { signal: signal ?? null }, {});
  }

  /** The address of a picture, for an <img>. */
  url(path: string, ...segments: string[]): string {
    return [this.base + path, ...segments.map(encodeURIComponent)].join("/");
  }

  private async ask<Data>(url: string, init: RequestInit, headers: Record<string, string>): Promise<Data> {
    const { token, fetch = globalThis.fetch } = this.options;
    const known = typeof token === "function" ? token() : token;
    if (known !== undefined) headers["Authorization"] = `Bearer ${known}`;
    const response = await fetch(url, { ...init, headers });
    const answer = this.read<Data>(response.status, await response.text());
    // 1 is "Empty records", with an empty list: nothing has failed.
    if (answer.status !== 0 && !(answer.status === 1 && Array.isArray(answer.data))) throw new CampusgateError(answer);
    return answer.data;
  }

  private read<Data>(httpStatus: number, body: string): Envelope<Data> {
    let answer: unknown;
    try {
      answer = JSON.parse(body, (_, value) => this.address(value));
    } catch {
      throw new ForeignAnswerError(httpStatus, body);
    }
    if (typeof (answer as Envelope<Data> | null)?.status !== "number") throw new ForeignAnswerError(httpStatus, body);
    return answer as Envelope<Data>;
  }

  /** A value of an answer: of a picture's address the absolute one, if that is wanted. */
  private address(value: unknown): unknown {
    if (!this.options.absolute || typeof value !== "string" || !/^\.?\/[^/]/.test(value)) return value;
    const url = new URL(value.replace(/^\./, ""), this.base).href;
    return url.startsWith(`${this.base}/get/`) ? url : value;
  }
}
