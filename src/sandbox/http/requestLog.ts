/** What was asked, in the order it came in. `status` is 0 until the answer goes out, and stays so if none does. */
export interface SandboxRequest {
  method: string
  /** With the query, as it came. */
  path: string
  status: number
  /** How many rows went out with the answer. */
  rowsSent: number
  /** The SID of the account whose credentials were right. */
  account: string | null
  accept: string | null
}

const CAPACITY = 100_000

/** The last requests; of more than its capacity the oldest tenth goes at once. */
export class RequestLog {
  readonly #requests: SandboxRequest[] = []

  get requests(): readonly SandboxRequest[] {
    return this.#requests
  }

  add(method: string, path: string, accept: string | null): SandboxRequest {
    const request = { method, path, status: 0, rowsSent: 0, account: null, accept }
    if (this.#requests.length >= CAPACITY) this.#requests.splice(0, CAPACITY / 10)
    this.#requests.push(request)
    return request
  }

  clear(): void {
    this.#requests.length = 0
  }
}
