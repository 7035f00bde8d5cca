import { Agent, request } from 'node:http'

// Measures a well-behaved client and `/health`. A separate process, because the attacks keep their own process busy.

export interface Measurement {
  readonly sent: number
  readonly answered: number
  readonly seconds: number
  readonly queryMs: Percentiles
  readonly healthMs: Percentiles
}

export interface Percentiles {
  readonly p50: number
  readonly p95: number
  readonly p99: number
}

/** The arguments of the process: the URL of the gateway, and the `Authorization` header of the client. */
const [url = '', authorization = ''] = process.argv.slice(2)
const REQUESTS_PER_SECOND = 50
const HEALTH_CHECKS_PER_SECOND = 20
const TIMEOUT_MS = 10_000
const QUERY = JSON.stringify({
  query: '{ conferences(first: 5) { nodes { sid status participants(first: 2) { totalCount } } } }',
})
const agent = new Agent({ keepAlive: true, maxSockets: 100 })

process.on('message', async (milliseconds: number) => {
  const startMs = performance.now()
  const queries = sendAtRate(REQUESTS_PER_SECOND, milliseconds, () => sendQuery())
  const checks = sendAtRate(HEALTH_CHECKS_PER_SECOND, milliseconds, () => send('GET', new URL('/health', url), ''))
  const [queryMs, healthMs] = [await queries, await checks]
  const measurement: Measurement = {
    sent: queryMs.length,
    answered: queryMs.filter(Number.isFinite).length,
    seconds: (performance.now() - startMs) / 1_000,
    queryMs: percentiles(queryMs),
    healthMs: percentiles(healthMs),
  }
  process.send?.(measurement)
})

/** Sends at a fixed rate, whether or not earlier requests are answered. Returns the times; infinity for a failure. */
async function sendAtRate(perSecond: number, milliseconds: number, sendOne: () => Promise<boolean>): Promise<number[]> {
  const sent: Promise<number>[] = []
  const startMs = performance.now()
  await new Promise<void>(resolve => {
    const timer = setInterval(() => {
      const elapsedMs = performance.now() - startMs
      for (let due = Math.floor((elapsedMs / 1_000) * perSecond) - sent.length; due > 0; due--) sent.push(time(sendOne))
      if (elapsedMs < milliseconds) return
      clearInterval(timer)
      resolve()
    }, 5)
  })
  return Promise.all(sent)
}

async function time(sendOne: () => Promise<boolean>): Promise<number> {
  const startMs = performance.now()
  return (await sendOne()) ? performance.now() - startMs : Number.POSITIVE_INFINITY
}

function sendQuery(): Promise<boolean> {
  return send('POST', new URL(url), QUERY, { 'content-type': 'application/json', authorization })
}

function send(method: string, target: URL, body: string, headers: Record<string, string> = {}): Promise<boolean> {
  return new Promise(resolve => {
    const sent = request(target, { method, agent, headers, signal: AbortSignal.timeout(TIMEOUT_MS) })
    sent.on('error', () => resolve(false))
    sent.on('response', response => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.on('error', () => resolve(false))
      response.on('end', () => resolve(response.statusCode === 200 && !text.includes('"errors"')))
    })
    sent.end(body)
  })
}

function percentiles(times: readonly number[]): Percentiles {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}
