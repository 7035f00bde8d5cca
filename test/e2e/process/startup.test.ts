import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSchema } from 'graphql'
import { describe, expect, it, onTestFinished } from 'vitest'
import { HELP } from '../../../src/parseCommandLine.ts'
import { demoCredentials, demoRows, startSandbox } from '../../../src/sandbox/index.ts'
import { type MainProcess, runMain } from '../../support/mainProcess.ts'
import { waitUntil } from '../../support/waitUntil.ts'

const { version, engines } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  version: string
  engines: { node: string }
}

const SID = `AC${'5'.repeat(32)}`
const TOKEN = 'the-token'

const sendQuery = async (url: string, query: string, headers: Record<string, string> = {}) => {
  const body = JSON.stringify({ query })
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  })
  return (await response.json()) as {
    data?: Record<string, unknown> | null
    errors?: { extensions: { code: string } }[]
  }
}

const linkOf = async (process: MainProcess): Promise<string> =>
  (await process.waitForOutput(/GraphQL\s+(http:\/\/\S+\/graphql)/))[1] ?? ''

/** A port in use until the end of the test. */
const usedPort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
  })
  return (server.address() as AddressInfo).port
}

const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

it('main.ts requires the Node version of `engines` in package.json', () => {
  const main = readFileSync(new URL('../../../src/main.ts', import.meta.url), 'utf8')
  const [, minVersion] = /MIN_NODE_VERSION = '([\d.]+)'/.exec(main) ?? []
  expect(engines.node).toBe(`>=${minVersion}`)
})

describe('restcomm-graphql without arguments', () => {
  it('the gateway process serves the demo account, prints the start-up lines, and exits with 0 on SIGINT', async () => {
    const process = runMain([], { PORT: '0' })
    const link = await linkOf(process)
    expect(await sendQuery(link, '{ viewer { friendlyName } }')).toEqual({ data: { viewer: { friendlyName: 'Demo' } } })
    expect((await fetch(new URL('/health', link))).status).toBe(200)
    process.signal('SIGINT')

    const { code, stdout, stderr } = await process.exited
    expect(code).toBe(0)
    expect(
      stderr
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line)),
    ).toEqual([
      expect.objectContaining({
        level: 30,
        msg: 'serving',
        version,
        isTraced: false,
        port: Number(new URL(link).port),
      }),
    ])
    expect(stdout.replace(/:\d{4,5}\b/g, ':PORT')).toBe(
      `restcomm-graphql ${version}\n` +
        '  Restcomm     embedded sandbox at http://127.0.0.1:PORT/restcomm\n' +
        '  credentials  demo account, for requests without credentials\n' +
        '  GraphQL      http://localhost:PORT/graphql (open in a browser for GraphiQL)\n',
    )
  })

  it('the gateway process uses its own credentials for clients with an API key and never prints a secret', async () => {
    const sandbox = await startSandbox({ rows: demoRows(1) })
    onTestFinished(() => sandbox.close())
    const { accountSid: account, authToken: token } = demoCredentials
    const { url } = sandbox
    const hash = createHash('sha256').update('a-key').digest('hex')
    const service = { RESTCOMM_URL: url, RESTCOMM_ACCOUNT_SID: account, RESTCOMM_AUTH_TOKEN: token }
    const gateway = runMain([], { ...service, PORT: '0', HOST: '0.0.0.0', API_KEY_HASHES: hash, LOG_LEVEL: 'trace' })
    const link = await linkOf(gateway)

    const codes = async (headers: Record<string, string>) => {
      const { data, errors = [] } = await sendQuery(link, '{ viewer { sid } }', headers)
      return errors.length > 0 ? errors.map(({ extensions }) => extensions.code) : data
    }
    expect(await codes({ authorization: 'Bearer a-key' })).toEqual({ viewer: { sid: account } })
    expect(await codes({ authorization: 'Bearer another-key' })).toEqual(['UNAUTHENTICATED'])
    expect(await codes({ authorization: basic(account, 'another-token') })).toEqual(['UNAUTHENTICATED'])
    expect(await codes({})).toEqual(['UNAUTHENTICATED'])
    gateway.signal('SIGINT')
    const { stdout, stderr } = await gateway.exited
    expect(stdout).toContain(`  credentials  ${account}, for clients with an API key\n`)
    for (const secret of [token, hash, 'a-key', 'another-key', 'another-token', basic(account, token).slice(6)]) {
      expect(stdout + stderr).not.toContain(secret)
    }
  })

  it('the gateway process reports each invalid setting on a line and exits with 1', async () => {
    const settings = { PORT: 'http', RESTCOMM_URL: 'x', RESTCOMM_ACCOUNT_SID: SID, HOST: '0.0.0.0' }
    expect(await runMain([], settings).exited).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'PORT is "http": expected an integer from 0 to 65535.\n' +
        'RESTCOMM_URL is invalid: expected an http or https URL up to and including /restcomm, without credentials or a ' +
        'query.\n' +
        'RESTCOMM_ACCOUNT_SID is set but RESTCOMM_AUTH_TOKEN is not: set both or neither.\n' +
        'RESTCOMM_ACCOUNT_SID is set without client authentication, so every client could use these credentials: set ' +
        'API_KEY_HASHES, or JWT_JWKS_URL with JWT_ISSUER and JWT_AUDIENCE, or remove RESTCOMM_ACCOUNT_SID and ' +
        'RESTCOMM_AUTH_TOKEN.\n',
    })
  })
})

describe('the restcomm-graphql command', () => {
  it('restcomm-graphql --help prints the help text', async () => {
    expect(await runMain(['--help']).exited).toEqual({ code: 0, stdout: HELP, stderr: '' })
  })

  it('restcomm-graphql --version prints the package version', async () => {
    expect(await runMain(['--version']).exited).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  })

  it('restcomm-graphql --check-config prints a configuration summary without starting the gateway', async () => {
    const settings = { RESTCOMM_URL: 'https://restcomm.example.com/restcomm' }
    const service = { RESTCOMM_ACCOUNT_SID: SID, RESTCOMM_AUTH_TOKEN: TOKEN, API_KEY_HASHES: 'ab'.repeat(32) }
    expect(await runMain(['--check-config'], { ...settings, ...service }).exited).toEqual({
      code: 0,
      stderr: '',
      stdout:
        'Configuration is valid.\n' +
        '  Restcomm     https://restcomm.example.com/restcomm\n' +
        `  credentials  ${SID}, for clients with an API key\n`,
    })
  })

  it('restcomm-graphql --check-config exits with 1 for an invalid setting', async () => {
    const { code, stdout, stderr } = await runMain(['--check-config'], { LOG_LEVEL: 'loud' }).exited
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^LOG_LEVEL is "loud": expected one of [^\n]*\n$/)
  })

  it.each([[['--check-config']], [[]]])(
    'restcomm-graphql with the arguments %j reports missing trusted documents and exits with 1',
    async line => {
      const settings = { PORT: '0', TRUSTED_DOCUMENTS: 'no/such/folder' }
      expect(await runMain(line, settings).exited).toEqual({
        code: 1,
        stdout: '',
        stderr: 'TRUSTED_DOCUMENTS: no/such/folder does not exist.\n',
      })
    },
  )

  it('restcomm-graphql schema --api prints the schema without federation directives', async () => {
    const { code, stdout } = await runMain(['schema', '--api']).exited
    expect(code).toBe(0)
    expect(Object.keys(buildSchema(stdout).getQueryType()?.getFields() ?? {})).toContain('conferences')
    expect(stdout).not.toMatch(/@key|@shareable|@link|_entities|_service/)
  })

  it('restcomm-graphql schema --federation prints the schema with federation directives', async () => {
    const { code, stdout } = await runMain(['schema', '--federation']).exited
    expect(code).toBe(0)
    expect(stdout).toContain('@link(url: "https://specs.apollo.dev/federation/v2')
    expect(stdout).toContain('@key(fields: "id")')
  })

  it.each([
    [['serve'], "'serve' is not a command: expected 'sandbox', 'schema' or no command; see --help.\n"],
    [['sandbox', '--rows', 'no/such/file.json'], 'Cannot read no/such/file.json: the file does not exist.\n'],
    [['sandbox', '--rows', 'test'], 'Cannot read test: EISDIR: illegal operation on a directory, read.\n'],
    [['sandbox', '--rows', 'LICENSE'], expect.stringMatching(/^LICENSE: The rows are not valid JSON [^\n]*\n$/)],
  ])('restcomm-graphql reports a one-line error for the arguments %j and exits with 1', async (args, stderr) => {
    expect(await runMain(args).exited).toEqual({ code: 1, stdout: '', stderr })
  })
})

describe('restcomm-graphql sandbox', () => {
  it('restcomm-graphql sandbox serves the demo data of --seed, and simulates callers with --speed', async () => {
    const readConferences = async (...args: string[]) => {
      const sandbox = runMain(['sandbox', ...args])
      const [, url = ''] = await sandbox.waitForOutput(/at (http:\S+)/)
      const [, account = '', token = ''] = await sandbox.waitForOutput(/account\s+(\S+)\s+token\s+(\S+)/)
      const headers = { authorization: basic(account, token), accept: 'application/json' }
      const read = async () => (await fetch(`${url}/2012-04-24/Accounts/${account}/Conferences`, { headers })).text()
      return { read, first: await read() }
    }
    const [standard, other, simulated] = await Promise.all([
      readConferences(),
      readConferences('--seed', '2'),
      readConferences('--speed', '100'),
    ])
    expect(other.first).not.toBe(standard.first)
    await waitUntil(async () => (await simulated.read()) !== simulated.first, 'the rows change')
    expect(await standard.read()).toBe(standard.first)
  })

  const { accounts } = (
    JSON.parse(readFileSync(new URL('../../fixtures/rows.json', import.meta.url), 'utf8')) as {
      labels: { accounts: Record<string, { sid: string; password: string }> }
    }
  ).labels

  it('restcomm-graphql sandbox serves the REST API with the rows of a file until SIGINT', async () => {
    const { sid, password } = accounts.conf50 ?? { sid: '', password: '' }
    const process = runMain(['sandbox', '--rows', 'test/fixtures/rows.json', '--port', '0'])
    const [, url] = await process.waitForOutput(/^Restcomm sandbox at (http:\S+)\n/)
    const headers = { accept: 'application/json', authorization: basic(sid, password) }
    const response = await fetch(`${url}/2012-04-24/Accounts/${sid}/Conferences`, { headers })
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ total: 50, num_pages: 1 })
    process.signal('SIGINT')
    expect((await process.exited).code).toBe(0)
  })

  it('restcomm-graphql sandbox injects the faults of a file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'faults-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'faults.json')
    writeFileSync(file, '{"shares":{"error503":1}}')
    const process = runMain(['sandbox', '--faults', file])
    const [, url] = await process.waitForOutput(/^Restcomm sandbox at (http:\S+)\n/)
    await process.waitForOutput(/ {2}faults {4}from \S+\n/)
    expect((await fetch(`${url}/2012-04-24/Accounts/${SID}`)).status).toBe(503)
    writeFileSync(file, '{"shares":{"flood":1}}')
    const { code, stderr } = await runMain(['sandbox', '--faults', file]).exited
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('Unknown kind of fault `flood`') })
  })

  it('restcomm-graphql sandbox reports a port in use and exits with 1', async () => {
    const port = await usedPort()
    expect(await runMain(['sandbox', '--port', String(port)]).exited).toEqual({
      code: 1,
      stdout: '',
      stderr: `Cannot listen on port ${port}: the port is already in use; set --port to a free port.\n`,
    })
  })
})
