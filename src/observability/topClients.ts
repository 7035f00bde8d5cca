import type { Logger } from 'pino'
import type { Client } from '../restcomm/principal.ts'
import { clientFields } from './clientFields.ts'

interface Usage {
  readonly client: Client
  /** Cost of the client whose entry was replaced; 0 if an entry was free. */
  readonly inheritedCost: number
  operations: number
  cost: number
  upstreamRequests: number
  milliseconds: number
}

const INTERVAL_MS = 60_000
const MAX_CLIENTS = 50
const TOP_COUNT = 5
/** Operations and upstream requests in an interval without a line: ten per second. */
const MIN_LOAD = 600

/**
 * Logs the clients with the highest total cost once a minute under load. The memory is bounded by the space-saving
 * algorithm: if all entries are in use, a new client replaces the client with the lowest cost and inherits the cost for
 * the ranking, so that many new clients cannot hide a client with a large share.
 */
export class TopClients {
  readonly #log: Logger
  readonly #usages = new Map<string, Usage>()
  readonly #timer: NodeJS.Timeout
  #operations = 0
  #upstreamRequests = 0

  constructor(log: Logger) {
    this.#log = log
    this.#timer = setInterval(() => this.#report(), INTERVAL_MS).unref()
  }

  /** Must be called after each operation. */
  record(client: Client, cost: number, upstreamRequests: number, milliseconds: number): void {
    this.#operations++
    this.#upstreamRequests += upstreamRequests
    const usage = this.#usages.get(client.clientId) ?? this.#add(client)
    usage.operations++
    usage.cost += cost
    usage.upstreamRequests += upstreamRequests
    usage.milliseconds += milliseconds
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #add(client: Client): Usage {
    let inheritedCost = 0
    if (this.#usages.size >= MAX_CLIENTS) {
      const [lowest] = [...this.#usages.values()].sort((a, b) => rankingCost(a) - rankingCost(b))
      if (lowest !== undefined) {
        inheritedCost = rankingCost(lowest)
        this.#usages.delete(lowest.client.clientId)
      }
    }
    const usage = { client, inheritedCost, operations: 0, cost: 0, upstreamRequests: 0, milliseconds: 0 }
    this.#usages.set(client.clientId, usage)
    return usage
  }

  #report(): void {
    const operations = this.#operations
    const upstreamRequests = this.#upstreamRequests
    if (operations + upstreamRequests >= MIN_LOAD) {
      const top = [...this.#usages.values()].sort((a, b) => rankingCost(b) - rankingCost(a)).slice(0, TOP_COUNT)
      const clients = top.map(({ client, inheritedCost: _inheritedCost, milliseconds, ...usage }) => ({
        ...clientFields(client),
        ...usage,
        milliseconds: Math.round(milliseconds),
      }))
      this.#log.info({ operations, upstreamRequests, clients }, 'top clients')
    }
    this.#operations = 0
    this.#upstreamRequests = 0
    this.#usages.clear()
  }
}

function rankingCost({ inheritedCost, cost }: Usage): number {
  return inheritedCost + cost
}
