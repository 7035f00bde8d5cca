import { expect, it, onTestFinished } from 'vitest'
import { parseRows, startSandbox } from '../../../src/sandbox/index.ts'
import { documentedCodes } from '../../support/documentedCodes.ts'
import { fixture } from '../../support/fixtures.ts'
import { accountOf, basic, basicOf } from '../../support/gateway.ts'
import { runMain } from '../../support/mainProcess.ts'
import { Prng } from '../../support/prng.ts'
import { knownSecrets, secretsIn } from '../../support/secrets.ts'
import { queryByWebSocket } from '../../support/webSocket.ts'
import { type FuzzRequest, graphqlRequest } from './graphqlRequests.ts'
import { httpRequest } from './httpRequests.ts'
import { parseResponses, parseWebSocketMessages, type RawResponse, sendRaw } from './rawHttp.ts'
import { webSocketRequest } from './webSocketRequests.ts'

const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 3_000)
const CONCURRENCY = 64
const SEED = Number(process.env.FUZZ_SEED ?? 1)

const { sid, password } = accountOf('conf1')
const secrets = knownSecrets()
const codes = documentedCodes()
/** Stack traces, source files and the address of Restcomm. */
const internalsPattern = (upstream: string) =>
  new RegExp(
    `\\n\\s+at |node_modules|file:///|node:internal|${process.cwd()}|\\.[cm]?[jt]s:\\d|${new URL(upstream).host}`,
  )

/** Secrets and internals in a response. */
const leaksIn = (text: string, internals: RegExp): string[] => [
  ...secretsIn(text, secrets),
  ...(internals.test(text) ? [`internals: ${internals.exec(text)?.[0]}`] : []),
]

function responseProblems({ status, headers, body, isComplete }: RawResponse): string[] {
  const problems: string[] = []
  if (status === 500) problems.push('status 500')
  const type = headers.get('content-type') ?? ''
  if (!/json/.test(type) || body === '' || !isComplete) return problems
  const json = parsed(body)
  if (json === undefined) return [...problems, `invalid JSON: ${body.slice(0, 200)}`]
  for (const result of Array.isArray(json) ? json : [json]) {
    problems.push(...resultProblems(result, headers.get('x-request-id')))
  }
  return problems
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A GraphQL result has data, or errors with a message and a code of docs/errors.md. */
function resultProblems(result: unknown, requestId: string | undefined): string[] {
  if (typeof result !== 'object' || result === null) return [`not a GraphQL result: ${JSON.stringify(result)}`]
  if ('error' in result || 'status' in result) return []
  const { data, errors } = result as { data?: unknown; errors?: unknown }
  if (errors === undefined)
    return typeof data === 'object' ? [] : [`neither data nor errors: ${JSON.stringify(result)}`]
  if (!Array.isArray(errors) || errors.length === 0) return ['`errors` is not a list, or empty']
  return errors.flatMap(error => errorProblems(error, requestId))
}

function errorProblems(error: unknown, requestId: string | undefined): string[] {
  const { message, extensions } = (error ?? {}) as { message?: unknown; extensions?: Record<string, unknown> }
  const text = JSON.stringify(error).slice(0, 300)
  if (typeof message !== 'string' || message === '') return [`error without a message: ${text}`]
  const code = String(extensions?.code)
  if (!codes.has(code) || code === 'INTERNAL_SERVER_ERROR') return [`unexpected code ${code}: ${text}`]
  if (typeof extensions?.requestId !== 'string') return [`error without a request id: ${text}`]
  return requestId === undefined || extensions.requestId === requestId
    ? []
    : [`request id differs from the header ${requestId}: ${text}`]
}

function messageProblems(message: string): string[] {
  const json = parsed(message) as { type?: string; payload?: unknown } | undefined
  if (json === undefined) return [`invalid JSON in a WebSocket message: ${message.slice(0, 200)}`]
  if (json.type === 'next') return resultProblems(json.payload, undefined)
  if (json.type !== 'error') return []
  return Array.isArray(json.payload)
    ? json.payload.flatMap(error => errorProblems(error, undefined))
    : ['the payload of an error message is not a list']
}

function randomRequest(prng: Prng, index: number): FuzzRequest {
  if (index % 10 < 5) return graphqlRequest(prng)
  return index % 10 < 8 ? httpRequest(prng) : webSocketRequest(prng)
}

it(`the gateway survives ${REQUESTS} malformed requests without leaking internals`, async () => {
  const sandbox = await startSandbox({ rows: parseRows(fixture('rows.json')) })
  onTestFinished(() => sandbox.close())
  const gateway = runMain([], {
    PORT: '0',
    RESTCOMM_URL: sandbox.url,
    // The 9 MiB page would slow the test down.
    GRAPHIQL: 'false',
    LIVE_POLL_INTERVAL_MS: '100',
    SHUTDOWN_DELAY_MS: '0',
  })
  const [, url = ''] = await gateway.waitForOutput(/GraphQL\s+(http:\/\/\S+\/graphql)/)
  const port = Number(new URL(url).port)
  const internals = internalsPattern(sandbox.url)
  const sendViewerQuery = async () => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: basicOf(sid, password) },
      body: JSON.stringify({ query: '{ viewer { sid } }' }),
    })
    return response.json()
  }
  expect(await sendViewerQuery()).toEqual({ data: { viewer: { sid } } })

  const counts = new Map<string, number>()
  const count = (outcome: string) => counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
  const failures: string[] = []
  let next = 0
  const runWorker = async () => {
    for (let index = next++; index < REQUESTS && failures.length < 20; index = next++) {
      const request = randomRequest(new Prng(SEED * 1_000_000 + index), index)
      const bytes = await sendRaw(request, port)
      const responses = parseResponses(bytes)
      for (const { status } of responses) count(String(status))
      if (responses.length === 0) count('none')
      const isUpgraded = responses.at(-1)?.status === 101
      const messages = isUpgraded ? parseWebSocketMessages(bytes) : []
      for (const message of messages) count(`ws ${(parsed(message) as { type?: string } | undefined)?.type}`)
      const problems = [
        ...leaksIn(bytes.toString('utf8'), internals),
        ...responses.flatMap(responseProblems),
        ...messages.flatMap(messageProblems),
        ...(request.expectsResponse && responses.length !== 1 ? [`${responses.length} responses`] : []),
      ]
      if (problems.length > 0) failures.push(`request ${index}: ${problems.join('; ')}\n${request.description}`)
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, runWorker))
  expect(failures).toEqual([])

  // The random requests must reach at least these outcomes.
  process.stdout.write(`${JSON.stringify(Object.fromEntries([...counts].toSorted()))}\n`)
  for (const outcome of ['200', '400', '101']) expect([outcome, counts.has(outcome)]).toEqual([outcome, true])

  expect(await sendViewerQuery()).toEqual({ data: { viewer: { sid } } })
  expect(await queryByWebSocket({ url }, { query: '{ viewer { sid } }' }, 'conf1')).toEqual({
    data: { viewer: { sid } },
  })
  const headers = { authorization: basic('conf1'), 'content-type': 'application/json' }
  const responses = await Promise.all(
    Array.from({ length: 20 }, () => fetch(url, { method: 'POST', headers, body: '{"query":"{ viewer { sid } }"}' })),
  )
  expect(responses.map(({ status }) => status)).toEqual(Array(20).fill(200))
  await expect
    .poll(
      async () => /^restcomm_graphql_watches (\d+)/m.exec(await (await fetch(new URL('/metrics', url))).text())?.[1],
    )
    .toBe('0')

  gateway.signal('SIGTERM')
  const { code, stderr } = await gateway.exited
  expect(code).toBe(0)
  // Log lines with level 50 or 60, and output of Node.js, are defects of the gateway.
  expect(
    stderr.split('\n').filter(line => /"level":[56]0/.test(line) || (line !== '' && !line.startsWith('{'))),
  ).toEqual([])
}, 900_000)
