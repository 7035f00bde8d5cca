import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSchema } from 'graphql'
import { describe, expect, it, onTestFinished } from 'vitest'
import { HELP } from '../../../src/cli.ts'
import { type MainProcess, runMain } from '../../support/mainProcess.ts'

const { version, engines } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  version: string
  engines: { node: string }
}

const SID = `AC${'5'.repeat(32)}`
const TOKEN = 'the-token'

const ask = async (url: string, query: string, headers: Record<string, string> = {}) => {
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
  (await process.printed(/GraphQL\s+(http:\/\/\S+\/graphql)/))[1] ?? ''

/** A port that something listens on for as long as the test runs. */
const takenPort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
  })
  return (server.address() as AddressInfo).port
}

const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

it('needs the Node that the package says', () => {
  const main = readFileSync(new URL('../../../src/main.ts', import.meta.url), 'utf8')
  const [, minimum] = /MINIMUM_NODE = '([\d.]+)'/.exec(main) ?? []
  expect(engines.node).toBe(`>=${minimum}`)
})

describe('without arguments', () => {
  it('serves the graph of the demo account, says so, and ends with 0 when it is stopped', async () => {
    const process = runMain([], { PORT: '0' })
    const link = await linkOf(process)
    expect(await ask(link, '{ viewer { friendlyName } }')).toEqual({ data: { viewer: { friendlyName: 'Demo' } } })
    expect((await fetch(new URL('/health', link))).status).toBe(200)
    process.signal('SIGINT')

    const { code, stdout, stderr } = await process.outcome
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
        '  Restcomm  the embedded sandbox, at http://127.0.0.1:PORT/restcomm\n' +
        '  account   the demo account, for requests without credentials\n' +
        '  GraphQL   http://localhost:PORT/graphql (open it in a browser to explore)\n',
    )
  })

  it('ends at once where clients hold connections open and ask for nothing', async () => {
    const process = runMain([], { PORT: '0' })
    const { port } = new URL(await linkOf(process))
    const silent = connect(Number(port), '127.0.0.1')
    onTestFinished(() => {
      silent.destroy()
    })
    await once(silent, 'connect')
    await fetch(`http://127.0.0.1:${port}/health`)
    process.signal('SIGINT')
    const stoppedAt = performance.now()
    expect((await process.outcome).code).toBe(0)
    expect(performance.now() - stoppedAt).toBeLessThan(2_000)
  }, 30_000)

  it('answers what is under way, and ends then', async () => {
    const restcomm = createServer(socket => {
      socket.once('data', () => {
        gateway.signal('SIGINT')
        const body = JSON.stringify({ sid: SID, friendly_name: 'Slow' })
        const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`
        setTimeout(() => socket.end(head + body), 300)
      })
    }).listen(0, '127.0.0.1')
    await once(restcomm, 'listening')
    onTestFinished(() => {
      restcomm.close()
    })
    const { port } = restcomm.address() as AddressInfo
    const gateway = runMain([], { PORT: '0', RESTCOMM_URL: `http://127.0.0.1:${port}/restcomm` })
    const authorization = basic(SID, TOKEN)
    const answer = await ask(await linkOf(gateway), '{ viewer { friendlyName } }', { authorization })
    const answeredAt = performance.now()
    expect(answer).toEqual({ data: { viewer: { friendlyName: 'Slow' } } })
    expect((await gateway.outcome).code).toBe(0)
    expect(performance.now() - answeredAt).toBeLessThan(2_000)
  })

  it('says which Restcomm it asks, and that callers bring their own credentials', async () => {
    const process = runMain([], { PORT: '0', RESTCOMM_URL: 'http://127.0.0.1:9/restcomm', GRAPHIQL: 'false' })
    const link = await linkOf(process)
    const { errors } = await ask(link, '{ viewer { sid } }')
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['UNAUTHENTICATED'])
    process.signal('SIGINT')
    const { stdout } = await process.outcome
    expect(stdout).toContain('  Restcomm  http://127.0.0.1:9/restcomm\n')
    expect(stdout).toContain("  account   the caller's own: each request brings its credentials\n")
    expect(stdout).toMatch(/\/graphql\n$/)
  })

  it('in service mode stands in for callers with an API key, and never prints a secret', async () => {
    const sandbox = runMain(['sandbox'])
    const [, url = ''] = await sandbox.printed(/at (http:\S+)/)
    const [, account = '', token = ''] = await sandbox.printed(/account\s+(\S+)\s+token\s+(\S+)/)
    const hash = createHash('sha256').update('a-key').digest('hex')
    const service = { RESTCOMM_URL: url, RESTCOMM_ACCOUNT_SID: account, RESTCOMM_AUTH_TOKEN: token }
    const gateway = runMain([], { ...service, PORT: '0', HOST: '0.0.0.0', API_KEY_HASHES: hash, LOG_LEVEL: 'trace' })
    const link = await linkOf(gateway)

    const codes = async (headers: Record<string, string>) => {
      const { data, errors = [] } = await ask(link, '{ viewer { sid } }', headers)
      return data ?? errors.map(({ extensions }) => extensions.code)
    }
    expect(await codes({ authorization: 'Bearer a-key' })).toEqual({ viewer: { sid: account } })
    expect(await codes({ authorization: 'Bearer another-key' })).toEqual(['UNAUTHENTICATED'])
    expect(await codes({ authorization: basic(account, 'another-token') })).toEqual(['UNAUTHENTICATED'])
    expect(await codes({})).toEqual(['UNAUTHENTICATED'])
    gateway.signal('SIGINT')
    const { stdout, stderr } = await gateway.outcome
    expect(stdout).toContain(`  account   ${account} for whoever shows an API key\n`)
    for (const secret of [token, hash, 'a-key', 'another-key', 'another-token', basic(account, token).slice(6)]) {
      expect(stdout + stderr).not.toContain(secret)
    }
  })

  it('says in one sentence that the port is taken, and ends with 1', async () => {
    const port = await takenPort()
    expect(await runMain([], { PORT: String(port) }).outcome).toEqual({
      code: 1,
      stdout: '',
      stderr: `Cannot listen on 127.0.0.1:${port}: something else listens there already; set PORT to another port.\n`,
    })
  })

  it('says in one sentence each what is wrong with the settings, and ends with 1', async () => {
    const settings = { PORT: 'http', RESTCOMM_URL: 'x', RESTCOMM_ACCOUNT_SID: SID, HOST: '0.0.0.0' }
    expect(await runMain([], settings).outcome).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'PORT must be a whole number from 0 to 65535, and not "http".\n' +
        'RESTCOMM_URL must be an http or https address up to and including /restcomm, without credentials or a query.\n' +
        'RESTCOMM_ACCOUNT_SID is set and RESTCOMM_AUTH_TOKEN is not; set both, or neither.\n' +
        'Anybody who reaches the gateway could use the credentials in RESTCOMM_ACCOUNT_SID: set API_KEY_HASHES, or ' +
        'JWT_JWKS_URL with JWT_ISSUER and JWT_AUDIENCE, or leave the credentials to the callers.\n',
    })
  })
})

describe('the command line', () => {
  it('--help prints the help', async () => {
    expect(await runMain(['--help']).outcome).toEqual({ code: 0, stdout: HELP, stderr: '' })
  })

  it('--version prints the version of the package', async () => {
    expect(await runMain(['--version']).outcome).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  })

  it('--check-config says what the settings mean, without serving', async () => {
    const settings = { RESTCOMM_URL: 'https://restcomm.example.com/restcomm' }
    const service = { RESTCOMM_ACCOUNT_SID: SID, RESTCOMM_AUTH_TOKEN: TOKEN, API_KEY_HASHES: 'ab'.repeat(32) }
    expect(await runMain(['--check-config'], { ...settings, ...service }).outcome).toEqual({
      code: 0,
      stderr: '',
      stdout:
        'The settings are right.\n' +
        '  Restcomm  https://restcomm.example.com/restcomm\n' +
        `  account   ${SID} for whoever shows an API key\n`,
    })
  })

  it.each([
    [{ API_KEY_HASHES: 'ab'.repeat(32) }, 'whoever shows an API key or a token'],
    [{}, 'whoever shows a token'],
  ])('--check-config says who may use the credentials: %j', async (keys: Record<string, string>, clients) => {
    const tokens = {
      JWT_JWKS_FILE: 'test/fixtures/jwks.json',
      JWT_ISSUER: 'https://id.example.com',
      JWT_AUDIENCE: 'us',
    }
    const { code, stdout } = await runMain(['--check-config'], { ...tokens, ...keys }).outcome
    expect(code).toBe(0)
    expect(stdout).toContain(`  account   the demo account, for ${clients}\n`)
  })

  it('--check-config ends with 1 where one is wrong', async () => {
    const { code, stdout, stderr } = await runMain(['--check-config'], { LOG_LEVEL: 'loud' }).outcome
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^LOG_LEVEL must be one of [^\n]*\n$/)
  })

  it.each([['--check-config'], []])(
    'trusted documents that are not there end it with a sentence: %s',
    async (...line) => {
      const settings = { PORT: '0', TRUSTED_DOCUMENTS: 'no/such/folder' }
      expect(await runMain(line, settings).outcome).toEqual({
        code: 1,
        stdout: '',
        stderr: 'TRUSTED_DOCUMENTS: there is no no/such/folder.\n',
      })
    },
  )

  it('schema --api prints a schema without directives of federation', async () => {
    const { code, stdout } = await runMain(['schema', '--api']).outcome
    expect(code).toBe(0)
    expect(Object.keys(buildSchema(stdout).getQueryType()?.getFields() ?? {})).toContain('conferences')
    expect(stdout).not.toMatch(/@key|@shareable|@link|_entities|_service/)
    expect((await runMain(['schema']).outcome).stdout).toBe(stdout)
  })

  it('schema --federation prints the schema with them', async () => {
    const { code, stdout } = await runMain(['schema', '--federation']).outcome
    expect(code).toBe(0)
    expect(stdout).toContain('@link(url: "https://specs.apollo.dev/federation/v2')
    expect(stdout).toContain('@key(fields: "id")')
  })

  it.each([
    [['serve'], "There is no command 'serve'; see --help.\n"],
    [['sandbox', '--port', 'x'], "--port must be a whole number from 0 to 65535, and not 'x'; see --help.\n"],
    [['sandbox', '--rows', 'no/such/file.json'], 'There is no file no/such/file.json.\n'],
    [['sandbox', '--rows', 'test'], 'Cannot read test: EISDIR: illegal operation on a directory, read.\n'],
    [['sandbox', '--rows', 'LICENSE'], expect.stringMatching(/^LICENSE: The rows are not JSON: [^\n]*\n$/)],
  ])('%j is a mistake, told in one sentence, with exit code 1', async (args, stderr) => {
    expect(await runMain(args).outcome).toEqual({ code: 1, stdout: '', stderr })
  })
})

describe('sandbox', () => {
  const { accounts } = (
    JSON.parse(readFileSync(new URL('fixtures/rows.json', import.meta.url), 'utf8')) as {
      labels: { accounts: Record<string, { sid: string; password: string }> }
    }
  ).labels

  it('serves the REST API over the rows of a file until it is stopped', async () => {
    const { sid, password } = accounts.conf50 ?? { sid: '', password: '' }
    const process = runMain(['sandbox', '--rows', 'test/fixtures/rows.json', '--port', '0'])
    const [, url] = await process.printed(/^An embedded Restcomm, at (http:\S+)\n/)
    const headers = { accept: 'application/json', authorization: basic(sid, password) }
    const response = await fetch(`${url}/2012-04-24/Accounts/${sid}/Conferences`, { headers })
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ total: 50, num_pages: 1 })
    process.signal('SIGINT')
    expect((await process.outcome).code).toBe(0)
  })

  it('fails as a file says', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'faults-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'faults.json')
    writeFileSync(file, '{"shares":{"error503":1}}')
    const process = runMain(['sandbox', '--faults', file])
    const [, url] = await process.printed(/^An embedded Restcomm, at (http:\S+)\n/)
    await process.printed(/ {2}faults {4}as \S+ says\n/)
    expect((await fetch(`${url}/2012-04-24/Accounts/${SID}`)).status).toBe(503)
    writeFileSync(file, '{"shares":{"flood":1}}')
    const { code, stderr } = await runMain(['sandbox', '--faults', file]).outcome
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('There is no kind of fault `flood`') })
  })

  it('says in one sentence that its port is taken, and ends with 1', async () => {
    const port = await takenPort()
    expect(await runMain(['sandbox', '--port', String(port)]).outcome).toEqual({
      code: 1,
      stdout: '',
      stderr: `Cannot listen on port ${port}: something else listens there already.\n`,
    })
  })
})
