/** A received request. `status` is 0 until a response is sent. */
export interface SandboxRequest {
  method: string
  /** The path and the query as received, without decoding. */
  path: string
  status: number
  rowsSent: number
  /** The SID of the authenticated account, or null without valid credentials. */
  account: string | null
  accept: string | null
}

const MAX_REQUESTS = 100_000

/** The latest requests. A full log drops the oldest tenth at once, because each removal moves all remaining entries. */
export class RequestLog {
  readonly #requests: SandboxRequest[] = []

  get requests(): readonly SandboxRequest[] {
    return this.#requests
  }

  add(method: string, path: string, accept: string | null): SandboxRequest {
    const request = { method, path, status: 0, rowsSent: 0, account: null, accept }
    if (this.#requests.length >= MAX_REQUESTS) this.#requests.splice(0, MAX_REQUESTS / 10)
    this.#requests.push(request)
    return request
  }

  clear(): void {
    this.#requests.length = 0
  }
}
