import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { parseRows, startSandbox } from '../../../src/sandbox/index.ts'
import { documentedCodes } from '../../support/documentedCodes.ts'
import { fixture } from '../../support/fixtures.ts'
import { accountOf, basic, basicOf } from '../../support/gateway.ts'
import { runMain } from '../../support/mainProcess.ts'
import { knownSecrets, secretsIn } from '../../support/secrets.ts'
import { Dice } from '../../support/prng.ts'
import { answersIn, exchange, type HttpAnswer, messagesIn } from './exchange.ts'
import { type Attempt, graphqlAttempt } from './graphqlRequests.ts'
import { httpAttempt } from './httpRequests.ts'
import { webSocketAttempt } from './webSocketRequests.ts'

const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 10_000)
const AT_ONCE = 64
const SEED = Number(process.env.FUZZ_SEED ?? 1)

const { sid, password } = accountOf('conf1')
/** What these requests show themselves may come back in an answer that quotes them; credentials never do. */
const secrets = knownSecrets()
const codes = documentedCodes()
/** Stacks, files of this machine, and where Restcomm is. */
const internals = (upstream: string) =>
  new RegExp(
    `\\n\\s+at |node_modules|file:///|node:internal|${process.cwd()}|\\.[cm]?[jt]s:\\d|${new URL(upstream).host}`,
  )

/** What is wrong with an answer. `asked` is what it answers, for what it only quotes. */
const complaintsOf = (text: string, leak: RegExp): string[] => [
  ...secretsIn(text, secrets),
  ...(leak.test(text) ? [`internals: ${leak.exec(text)?.[0]}`] : []),
]

const httpComplaints = ({ status, headers, body, isWhole }: HttpAnswer): string[] => {
  const complaints: string[] = []
  if (status === 500) complaints.push('a 500')
  const type = headers.get('content-type') ?? ''
  if (!/json/.test(type) || body === '' || !isWhole) return complaints
  const json = parsed(body)
  if (json === undefined) return [...complaints, `no JSON: ${body.slice(0, 200)}`]
  for (const result of Array.isArray(json) ? json : [json]) {
    complaints.push(...resultComplaints(result, headers.get('x-request-id')))
  }
  return complaints
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A result of GraphQL has data, or errors, each with a message and a code that the README knows. */
const resultComplaints = (result: unknown, requestId: string | undefined): string[] => {
  if (typeof result !== 'object' || result === null) return [`no result: ${JSON.stringify(result)}`]
  if ('error' in result || 'status' in result) return []
  const { data, errors } = result as { data?: unknown; errors?: unknown }
  if (errors === undefined)
    return typeof data === 'object' ? [] : [`neither data nor errors: ${JSON.stringify(result)}`]
  if (!Array.isArray(errors) || errors.length === 0) return ['errors that are no list, or an empty one']
  return errors.flatMap(error => errorComplaints(error, requestId))
}

const errorComplaints = (error: unknown, requestId: string | undefined): string[] => {
  const { message, extensions } = (error ?? {}) as { message?: unknown; extensions?: Record<string, unknown> }
  const text = JSON.stringify(error).slice(0, 300)
  if (typeof message !== 'string' || message === '') return [`an error without a message: ${text}`]
  const code = String(extensions?.code)
  if (!codes.has(code) || code === 'INTERNAL_SERVER_ERROR') return [`the code ${code}: ${text}`]
  if (typeof extensions?.requestId !== 'string') return [`no request id: ${text}`]
  return requestId === undefined || extensions.requestId === requestId ? [] : [`another request's id: ${text}`]
}

const messageComplaints = (message: string): string[] => {
  const json = parsed(message) as { type?: string; payload?: unknown } | undefined
  if (json === undefined) return [`no JSON by WebSocket: ${message.slice(0, 200)}`]
  if (json.type === 'next') return resultComplaints(json.payload, undefined)
  if (json.type !== 'error') return []
  return Array.isArray(json.payload)
    ? json.payload.flatMap(error => errorComplaints(error, undefined))
    : ['an error whose payload is no list']
}

const attempt = (dice: Dice, number: number): Attempt => {
  if (number % 10 < 5) return graphqlAttempt(dice)
  return number % 10 < 8 ? httpAttempt(dice) : webSocketAttempt(dice)
}

it(`${REQUESTS} malformed requests neither end the process nor make it show what it should not`, async () => {
  const sandbox = await startSandbox({ rows: parseRows(fixture('rows.json')) })
  onTestFinished(() => sandbox.close())
  const gateway = runMain([], {
    PORT: '0',
    RESTCOMM_URL: sandbox.url,
    // A page of nine MiB, the same for everybody, has nothing to tell here.
    GRAPHIQL: 'false',
    LIVE_POLL_INTERVAL_MS: '100',
  })
  const [, link = ''] = await gateway.printed(/GraphQL\s+(http:\/\/\S+\/graphql)/)
  const port = Number(new URL(link).port)
  const leak = internals(sandbox.url)
  const ask = async () => {
    const response = await fetch(link, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: basicOf(sid, password) },
      body: JSON.stringify({ query: '{ viewer { sid } }' }),
    })
    return response.json()
  }
  expect(await ask()).toEqual({ data: { viewer: { sid } } })

  const statuses = new Map<string, number>()
  const count = (what: string) => statuses.set(what, (statuses.get(what) ?? 0) + 1)
  const findings: string[] = []
  let next = 0
  const work = async () => {
    for (let number = next++; number < REQUESTS && findings.length < 20; number = next++) {
      const tried = attempt(new Dice(SEED * 1_000_000 + number), number)
      const bytes = await exchange(tried, port)
      const answers = answersIn(bytes)
      for (const { status } of answers) count(String(status))
      if (answers.length === 0) count('none')
      const isSocket = answers.at(-1)?.status === 101
      const messages = isSocket ? messagesIn(bytes) : []
      for (const message of messages) count(`ws ${(parsed(message) as { type?: string } | undefined)?.type}`)
      const complaints = [
        ...complaintsOf(bytes.toString('utf8'), leak),
        ...answers.flatMap(httpComplaints),
        ...messages.flatMap(messageComplaints),
        ...(tried.isWhole && answers.length !== 1 ? [`${answers.length} answers`] : []),
      ]
      if (complaints.length > 0) findings.push(`${number}: ${complaints.join('; ')}\n${tried.what}`)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  expect(findings).toEqual([])

  // What must have been reached for all this to mean something.
  process.stdout.write(`${JSON.stringify(Object.fromEntries([...statuses].toSorted()))}\n`)
  for (const what of ['200', '400', '101', 'ws next']) expect([what, statuses.has(what)]).toEqual([what, true])

  expect(await ask()).toEqual({ data: { viewer: { sid } } })
  const hello = { authorization: basic('conf1'), 'content-type': 'application/json' }
  const answers = await Promise.all(
    Array.from({ length: 20 }, () =>
      fetch(link, { method: 'POST', headers: hello, body: '{"query":"{ viewer { sid } }"}' }),
    ),
  )
  expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200))
  await expect
    .poll(
      async () => /^restcomm_graphql_watches (\d+)/m.exec(await (await fetch(new URL('/metrics', link))).text())?.[1],
      { timeout: 10_000 },
    )
    .toBe('0')

  await sleep(100)
  gateway.signal('SIGTERM')
  const { code, stderr } = await gateway.outcome
  expect(code).toBe(0)
  // Errors that are the gateway's own mistakes, and whatever Node says by itself.
  expect(
    stderr.split('\n').filter(line => /"level":[56]0/.test(line) || (line !== '' && !line.startsWith('{'))),
  ).toEqual([])
}, 900_000)
