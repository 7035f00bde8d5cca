import { isDeepStrictEqual } from 'node:util'
import type { Running } from '../servers/run.ts'
import type { Nginx } from '../upstream/nginx.ts'
import type { Question, WorkloadName } from '../workloads.ts'
import type { Request } from './wrk.ts'

/** What a server was asked one after the other, and answered right. */
export interface Checked {
  readonly requests: readonly Request[]
  /** As they came: the same questions must get the same bytes under load. */
  readonly answers: readonly string[]
  readonly upstreamRequests: number
  /** Of one answer, with nobody else asking: the median. Milliseconds. */
  readonly milliseconds: number
}

/** Asks every question once to warm up and once to check, and throws where an answer is not what it must be. */
export const check = async (
  server: Running,
  workload: WorkloadName,
  questions: readonly Question[],
  nginx: Nginx,
): Promise<Checked> => {
  const requests = questions.map(({ authorization, variables }) => ({
    authorization,
    body: server.kind.body(workload, variables),
  }))
  for (const request of requests.slice(0, 8)) await ask(server, request)
  await nginx.settled()
  const before = await nginx.requests()
  const answers: string[] = []
  const times: number[] = []
  for (const [i, request] of requests.entries()) {
    const start = performance.now()
    const text = await ask(server, request)
    times.push(performance.now() - start)
    answers.push(text)
    const question = questions[i]
    if (question === undefined) continue
    const data = server.kind.data(text, workload, question.variables)
    if (!isDeepStrictEqual(data, question.data)) {
      const [is, must] = [data, question.data].map(each => JSON.stringify(each).slice(0, 1_000))
      throw new Error(`${server.kind.name} answers ${workload} wrong, so it is not measured:\n${is}\nand not\n${must}`)
    }
  }
  const upstreamRequests = ((await nginx.requests()) - before) / requests.length
  times.sort((one, other) => one - other)
  return { requests, answers, upstreamRequests, milliseconds: times[times.length >> 1] ?? 0 }
}

const ask = async ({ url, kind }: Running, { authorization, body }: Request): Promise<string> => {
  const headers = { authorization, accept: 'application/json', 'content-type': 'application/json' }
  const response = await fetch(url, { method: 'POST', headers, body })
  const text = await response.text()
  if (response.status !== 200) throw new Error(`${kind.name} answered ${response.status}: ${text.slice(0, 500)}`)
  return text
}
