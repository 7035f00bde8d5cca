import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A proxy in front of Restcomm, which delays the answers for single accounts. */
export class SlowUpstream {
  readonly #agent = new Agent({ keepAlive: true })
  readonly #delays = new Map<string, number>()
  readonly #server = createServer((incoming, response) => {
    const delayMs = this.#delays.get(accountOf(incoming.headers.authorization)) ?? 0
    const timer = setTimeout(
      () => this.#forward(incoming, response),
      delayMs === Number.POSITIVE_INFINITY ? 2 ** 31 - 1 : delayMs,
    )
    response.once('close', () => clearTimeout(timer))
  })
  readonly #target: URL

  private constructor(target: string) {
    this.#target = new URL(target)
  }

  /** `target` is the URL of Restcomm, up to and including `/restcomm`. */
  static async start(target: string): Promise<SlowUpstream> {
    const upstream = new SlowUpstream(target)
    await new Promise<void>(resolve => upstream.#server.listen(0, '127.0.0.1', resolve))
    return upstream
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${this.#target.pathname}`
  }

  /** Delays each answer for the account by `delayMs`; infinity never answers. */
  delay(accountSid: string, delayMs: number): void {
    this.#delays.set(accountSid, delayMs)
  }

  #forward(incoming: IncomingMessage, response: ServerResponse): void {
    const { method, url: path, headers } = incoming
    const { hostname, port } = this.#target
    const forwarded = request({ hostname, port, method, path, headers, agent: this.#agent })
    forwarded.on('response', answer => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    forwarded.on('error', () => response.destroy())
    response.on('close', () => forwarded.destroy())
    incoming.pipe(forwarded)
  }
}

function accountOf(authorization = ''): string {
  return (
    Buffer.from(authorization.replace(/^Basic /, ''), 'base64')
      .toString('utf8')
      .split(':', 1)[0] ?? ''
  )
}
