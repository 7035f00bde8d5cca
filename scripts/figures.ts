import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { pino } from 'pino'
import { SETTING_NAMES } from '../src/config/settings.ts'
import { readConfig } from '../src/config.ts'
import { startGateway } from '../src/gateway.ts'
import { startHttpServer } from '../src/http/httpServer.ts'
import { demoCredentials, demoRows, startSandbox } from '../src/sandbox/index.ts'
import { countCodeLines } from './comments.ts'
import { countEnteredFunctions } from './enteredFunctions.ts'

// Measures the size of `src/` and the functions entered by single requests, and compares the figures with the limits in
// figures.json: `npm run check:figures`. A figure above its limit sets the exit code 1. A feature that needs more code
// raises the limit by its own size; the commit gives the reason. `npm run check:figures -- --list` also prints the
// entered functions.

const { list: isListed } = parseArgs({ options: { list: { type: 'boolean', default: false } } }).values
const ROOT = join(import.meta.dirname, '..')
const SOURCE = join(ROOT, 'src')
const SHORT_FILE_LINES = 12
const WARM_UP_REQUESTS = 20
const MEASURED_REQUESTS = 5

/** The gateway without the sandbox and the generated types. */
function isGatewayFile(file: string): boolean {
  return file.endsWith('.ts') && !file.startsWith('sandbox/') && !file.startsWith('generated/')
}

function sizeFigures(): Record<string, number> {
  const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
    .map(name => name.replaceAll('\\', '/'))
    .filter(isGatewayFile)
    .map(file => ({ file, lines: countCodeLines(readFileSync(join(SOURCE, file), 'utf8')) }))
  const linesBelow = (...folders: readonly string[]) =>
    files
      .filter(({ file }) => folders.length === 0 || folders.some(folder => file.startsWith(`${folder}/`)))
      .reduce((sum, { lines }) => sum + lines, 0)
  return {
    'code lines of src': linesBelow(),
    'files of src': files.length,
    [`files of src with fewer than ${SHORT_FILE_LINES} code lines`]: files.filter(
      ({ lines }) => lines < SHORT_FILE_LINES,
    ).length,
    'code lines of live and redis': linesBelow('live', 'redis'),
    'code lines of process': linesBelow('process'),
    settings: SETTING_NAMES.length,
  }
}

const REQUESTS = {
  'one conference':
    'query One($sid: ConferenceSid!) { conference(sid: $sid) { sid friendlyName status dateCreated uri } }',
  '20 conferences': '{ conferences(first: 20) { nodes { sid status } } }',
}

/** Measures single requests with a warm cache of parsed documents. */
async function requestFigures(): Promise<Record<string, number>> {
  const sandbox = await startSandbox({ rows: demoRows() })
  const config = readConfig({ RESTCOMM_URL: sandbox.url, LOG_LEVEL: 'silent', CACHE_LIST_TTL_MS: '0' })
  const gateway = await startGateway({
    restcommUrl: sandbox.url,
    serviceCredentials: null,
    config,
    log: pino({ level: 'silent' }),
  })
  const server = await startHttpServer(gateway, { ...config.connections, host: '127.0.0.1', port: 0 })
  const { accountSid, authToken } = demoCredentials
  const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`
  const send = async (query: string, variables: Readonly<Record<string, unknown>>) => {
    const response = await fetch(`http://127.0.0.1:${server.port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization },
      body: JSON.stringify({ query, variables }),
    })
    const { data, errors } = (await response.json()) as { readonly data?: object; readonly errors?: unknown }
    if (errors !== undefined) throw new Error(`The query ${query} failed: ${JSON.stringify(errors)}.`)
    return data
  }
  try {
    const sid = await findRunningConference(send)
    const figures: Record<string, number> = {}
    for (const [name, query] of Object.entries(REQUESTS)) {
      const variables = query.includes('$sid') ? { sid } : {}
      for (let i = 0; i < WARM_UP_REQUESTS; i++) await send(query, variables)
      const entered = await leastEntered(() => send(query, variables))
      figures[`files entered by the query of ${name}`] = entered.files
      figures[`functions entered by the query of ${name}`] = entered.functions
      if (isListed) process.stdout.write(`${name}:\n  ${entered.list.join('\n  ')}\n`)
      figures[`function calls of the query of ${name}`] = entered.calls
    }
    return figures
  } finally {
    await server.close(() => gateway.drain())
    await gateway.close()
    await sandbox.close()
  }
}

/** Repeats the request, because a timer of the gateway can fire during a single request. */
async function leastEntered(request: () => Promise<unknown>) {
  let least = await countEnteredFunctions(SOURCE, isGatewayFile, request)
  for (let i = 1; i < MEASURED_REQUESTS; i++) {
    const entered = await countEnteredFunctions(SOURCE, isGatewayFile, request)
    if (entered.calls < least.calls) least = entered
  }
  return least
}

/** A finished conference would come from the cache. */
async function findRunningConference(
  send: (query: string, variables: Readonly<Record<string, unknown>>) => Promise<object | undefined>,
): Promise<string> {
  const query = '{ conferences(first: 1, filter: { status: RUNNING_MODERATOR_PRESENT }) { nodes { sid } } }'
  const data = (await send(query, {})) as { readonly conferences: { readonly nodes: readonly { sid: string }[] } }
  const sid = data.conferences.nodes[0]?.sid
  if (sid === undefined) throw new Error('The demo data has no running conference.')
  return sid
}

const limits = JSON.parse(readFileSync(join(import.meta.dirname, 'figures.json'), 'utf8')) as Record<string, number>
const figures: Record<string, number> = { ...sizeFigures(), ...(await requestFigures()) }
for (const [name, value] of Object.entries(figures)) {
  const limit = limits[name]
  const isWithinLimit = limit !== undefined && value <= limit
  if (!isWithinLimit) process.exitCode = 1
  const note = isWithinLimit ? '' : '  ABOVE THE LIMIT'
  process.stdout.write(`${String(value).padStart(7)}  (limit ${limit ?? 'missing'})  ${name}${note}\n`)
}
