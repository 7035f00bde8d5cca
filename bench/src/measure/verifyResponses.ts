import { isDeepStrictEqual } from 'node:util'
import type { RunningServer } from '../servers/startServer.ts'
import type { Nginx } from '../upstream/nginx.ts'
import type { WorkloadName, WorkloadQuery } from '../workloads.ts'
import type { GraphqlPost } from './wrk.ts'

export interface VerifiedQueries {
  readonly requests: readonly GraphqlPost[]
  /** Bodies of the verified responses. Responses under load must be equal to the verified bodies. */
  readonly responses: readonly string[]
  /** Average number of upstream requests per response, measured without concurrent requests. */
  readonly upstreamRequests: number
  readonly latencyMs: number
}

const WARM_UP_REQUESTS = 8

/** Sends each query of a workload, after a short warm-up. Throws if a response differs from the expected data. */
export async function verifyResponses(
  server: RunningServer,
  workload: WorkloadName,
  queries: readonly WorkloadQuery[],
  nginx: Nginx,
): Promise<VerifiedQueries> {
  const { definition } = server
  const requests = queries.map(({ authorization, variables }) => ({
    authorization,
    body: definition.body(workload, variables),
  }))
  for (const request of requests.slice(0, WARM_UP_REQUESTS)) await send(server, request)
  await nginx.waitUntilIdle()
  const requestsBefore = await nginx.requests()
  const responses: string[] = []
  const latenciesMs: number[] = []
  for (const [i, request] of requests.entries()) {
    const start = performance.now()
    const text = await send(server, request)
    latenciesMs.push(performance.now() - start)
    responses.push(text)
    const query = queries[i]
    if (query === undefined) continue
    const data = definition.data(text, workload, query.variables)
    if (!isDeepStrictEqual(data, query.data)) {
      const [received, expected] = [data, query.data].map(value => JSON.stringify(value).slice(0, 1_000))
      throw new Error(
        `${definition.name} returns wrong data for ${workload}.\nReceived: ${received}\nExpected: ${expected}`,
      )
    }
  }
  const upstreamRequests = ((await nginx.requests()) - requestsBefore) / requests.length
  latenciesMs.sort((a, b) => a - b)
  return { requests, responses, upstreamRequests, latencyMs: latenciesMs[latenciesMs.length >> 1] ?? 0 }
}

async function send({ url, definition }: RunningServer, { authorization, body }: GraphqlPost): Promise<string> {
  const headers = { authorization, accept: 'application/json', 'content-type': 'application/json' }
  const response = await fetch(url, { method: 'POST', headers, body })
  const text = await response.text()
  if (response.status !== 200) {
    throw new Error(`${definition.name} responded with status ${response.status}: ${text.slice(0, 500)}`)
  }
  return text
}
