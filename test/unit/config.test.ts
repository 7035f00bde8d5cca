import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSchema, parse, validate } from 'graphql'
import { describe, expect, it, onTestFinished } from 'vitest'
import { isLoopback } from '../../src/config/loopback.ts'
import { SETTING_NAMES } from '../../src/config/settings.ts'
import { ConfigError, readConfig } from '../../src/config.ts'
import { apiSdl } from '../../src/graphql/schema.ts'

const SID = `AC${'a1B2'.repeat(8)}`
const TOKEN = 'a-token-that-must-not-be-seen'
const URL_SET = 'https://restcomm.example.com/restcomm'
const HASH = 'ab'.repeat(32)
const OTHER_HASH = 'cd'.repeat(32)
const OTHER_SID = `AC${'c3D4'.repeat(8)}`
const OWN = { RESTCOMM_URL: URL_SET, RESTCOMM_ACCOUNT_SID: SID, RESTCOMM_AUTH_TOKEN: TOKEN }
const SERVICE = { ...OWN, API_KEY_HASHES: HASH }
const KEY_SET = fileURLToPath(new URL('fixtures/jwks.json', import.meta.url))
const TOKENS = { JWT_JWKS_FILE: KEY_SET, JWT_ISSUER: 'https://id.example.com/', JWT_AUDIENCE: 'restcomm' }

const TRACED = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel:4318' }

const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    readConfig(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

describe('the settings', () => {
  it('need none, and serve the sandbox then', () => {
    expect(readConfig({})).toEqual({
      http: {
        host: '127.0.0.1',
        port: 4000,
        graphiql: true,
        timeoutMs: 10_000,
        maximumBodyBytes: 1_048_576,
        corsOrigins: [],
      },
      log: { level: 'info', slowOperationMs: 5_000 },
      metrics: { isServed: true, host: '127.0.0.1', port: null },
      tracing: null,
      workers: { count: 1, startMs: 30_000 },
      connections: { keepAliveMs: 72_000, receiveMs: 30_000, sendMs: 30_000, maximumConnections: 20_000 },
      shutdown: { delayMs: 5_000, timeoutMs: 25_000 },
      restcomm: {
        url: null,
        dialect: null,
        timeoutMs: 10_000,
        connections: 64,
        maximumWaiting: 10_000,
        breakerOpenMs: 3_000,
        maximumBodyBytes: 16_777_216,
      },
      cache: { maximumBytes: 67_108_864, finalMs: 3_600_000, listMs: 0 },
      redis: { url: null },
      service: null,
      authentication: { apiKeys: [], tokens: null },
      limits: { defaultSize: 50, maximumSize: 500, maximumSortedRows: 10_000, maximumQuerySortedRows: 50_000 },
      queries: {
        maximumDepth: 15,
        maximumAliases: 200,
        maximumDefers: 50,
        maximumTokens: 5_000,
        maximumCost: 500_000,
        maximumNodeIds: 100,
        maximumReferences: 2_000,
        introspection: true,
        suggestions: true,
        trustedDocuments: null,
      },
      rate: { cost: 0, windowMs: 60_000 },
      federation: { node: 'own' },
      moderation: { settleMs: 3_000 },
      live: {
        intervalMs: 2_000,
        graceMs: 10_000,
        queueLimit: 100,
        maximumWatches: 1_000,
        maximumWatchesPerCredential: 100,
        maximumSubscriptionsPerConnection: 100,
      },
      sandbox: { seed: 1, speed: 1 },
    })
  })

  it.each([
    [{ PORT: '0' }, { http: { port: 0 } }],
    [{ HOST: '::1' }, { http: { host: '::1' } }],
    [{ GRAPHIQL: 'false' }, { http: { graphiql: false } }],
    [{ METRICS: 'false' }, { metrics: { isServed: false } }],
    [{ METRICS_PORT: '9464', HOST: '::1' }, { metrics: { host: '::1', port: 9464 } }],
    [{ METRICS_PORT: '0', METRICS_HOST: '10.0.0.1' }, { metrics: { host: '10.0.0.1', port: 0 } }],
    [{ SLOW_OPERATION_MS: '77' }, { log: { slowOperationMs: 77 } }],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel:4318/' }, { tracing: { url: 'http://otel:4318/v1/traces' } }],
    [{ ...TRACED, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://otel/t' }, { tracing: { url: 'https://otel/t' } }],
    [TRACED, { tracing: { headers: {}, serviceName: 'restcomm-graphql', sampler: 'parentbased_always_on', ratio: 1 } }],
    [
      { ...TRACED, OTEL_EXPORTER_OTLP_HEADERS: 'x-key=a%20b%3D, authorization=Bearer%20c' },
      { tracing: { headers: { 'x-key': 'a b=', authorization: 'Bearer c' } } },
    ],
    [
      { ...TRACED, OTEL_SERVICE_NAME: 'rooms', OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' },
      { tracing: { serviceName: 'rooms', sampler: 'traceidratio', ratio: 0.25 } },
    ],
    [{ WORKERS: 'auto', RESTCOMM_URL: URL_SET }, { workers: { count: 'auto' } }],
    [{ WORKERS: '128', RESTCOMM_URL: URL_SET }, { workers: { count: 128 } }],
    [{ WORKERS: '1' }, { workers: { count: 1 } }],
    [{ WORKER_START_TIMEOUT_MS: '777' }, { workers: { startMs: 777 } }],
    [{ KEEP_ALIVE_TIMEOUT_MS: '77' }, { connections: { keepAliveMs: 77 } }],
    [{ RECEIVE_TIMEOUT_MS: '777' }, { connections: { receiveMs: 777 } }],
    [{ SEND_TIMEOUT_MS: '777' }, { connections: { sendMs: 777 } }],
    [{ MAX_CONNECTIONS: '77' }, { connections: { maximumConnections: 77 } }],
    [{ SHUTDOWN_DELAY_MS: '77' }, { shutdown: { delayMs: 77 } }],
    [{ SHUTDOWN_TIMEOUT_MS: '7777' }, { shutdown: { timeoutMs: 7_777 } }],
    [{ LOG_LEVEL: 'silent' }, { log: { level: 'silent' } }],
    [{ RESTCOMM_URL: `${URL_SET}/` }, { restcomm: { url: URL_SET } }],
    [{ RESTCOMM_URL: 'http://10.0.0.1:8080/api' }, { restcomm: { url: 'http://10.0.0.1:8080/api' } }],
    [{ RESTCOMM_DIALECT: 'auto' }, { restcomm: { dialect: null } }],
    [{ RESTCOMM_DIALECT: 'cloud' }, { restcomm: { dialect: 'cloud' } }],
    [{ RESTCOMM_TIMEOUT_MS: '250' }, { restcomm: { timeoutMs: 250 } }],
    [{ RESTCOMM_CONNECTIONS: '8' }, { restcomm: { connections: 8 } }],
    [{ RESTCOMM_MAX_WAITING: '0' }, { restcomm: { maximumWaiting: 0 } }],
    [{ RESTCOMM_BREAKER_OPEN_MS: '50' }, { restcomm: { breakerOpenMs: 50 } }],
    [{ REQUEST_TIMEOUT_MS: '50' }, { http: { timeoutMs: 50 } }],
    [{ RESTCOMM_MAX_BODY_BYTES: '1024' }, { restcomm: { maximumBodyBytes: 1024 } }],
    [{ CACHE_MAX_BYTES: '0' }, { cache: { maximumBytes: 0 } }],
    [{ CACHE_FINAL_TTL_MS: '77' }, { cache: { finalMs: 77 } }],
    [{ CACHE_LIST_TTL_MS: '77' }, { cache: { listMs: 77 } }],
    [{ REDIS_URL: 'redis://redis:6379' }, { redis: { url: 'redis://redis:6379' } }],
    [{ REDIS_URL: 'rediss://:secret@redis/2' }, { redis: { url: 'rediss://:secret@redis/2' } }],
    [SERVICE, { service: { accountSid: SID, authToken: TOKEN } }],
    [
      { API_KEY_HASHES: `${HASH.toUpperCase()} , ${OTHER_HASH}` },
      {
        authentication: {
          apiKeys: [
            { name: null, hash: HASH, accounts: null },
            { name: null, hash: OTHER_HASH, accounts: null },
          ],
        },
      },
    ],
    [
      { API_KEY_HASHES: `wall-board.2:${HASH}=${SID},desk : ${OTHER_HASH} = ${OTHER_SID} + ${SID}` },
      {
        authentication: {
          apiKeys: [
            { name: 'wall-board.2', hash: HASH, accounts: [SID] },
            { name: 'desk', hash: OTHER_HASH, accounts: [OTHER_SID, SID] },
          ],
        },
      },
    ],
    [
      { ...TOKENS, JWT_ACCOUNTS_CLAIM: 'https://example.com/accounts' },
      {
        authentication: {
          tokens: {
            keys: JSON.parse(readFileSync(KEY_SET, 'utf8')),
            issuer: TOKENS.JWT_ISSUER,
            audience: 'restcomm',
            accountsClaim: 'https://example.com/accounts',
          },
        },
      },
    ],
    [
      { ...TOKENS, JWT_JWKS_FILE: '', JWT_JWKS_URL: 'http://[::1]:8080/keys?a=b' },
      { authentication: { tokens: { keys: 'http://[::1]:8080/keys?a=b', accountsClaim: 'accounts' } } },
    ],
    [{ DEFAULT_PAGE_SIZE: '7', MAX_PAGE_SIZE: '7' }, { limits: { defaultSize: 7, maximumSize: 7 } }],
    [{ MAX_SORTED_ROWS: '100' }, { limits: { maximumSortedRows: 100 } }],
    [
      { MAX_SORTED_ROWS: '77', MAX_QUERY_SORTED_ROWS: '77' },
      { limits: { maximumSortedRows: 77, maximumQuerySortedRows: 77 } },
    ],
    [{ MAX_QUERY_DEPTH: '77' }, { queries: { maximumDepth: 77 } }],
    [{ MAX_QUERY_ALIASES: '0' }, { queries: { maximumAliases: 0 } }],
    [{ MAX_QUERY_DEFERS: '0' }, { queries: { maximumDefers: 0 } }],
    [{ MAX_QUERY_TOKENS: '77' }, { queries: { maximumTokens: 77 } }],
    [{ MAX_QUERY_COST: '77' }, { queries: { maximumCost: 77 } }],
    [{ MAX_NODE_IDS: '77' }, { queries: { maximumNodeIds: 77 } }],
    [{ MAX_QUERY_REFERENCES: '77' }, { queries: { maximumReferences: 77 } }],
    [{ MAX_BODY_BYTES: '2048' }, { http: { maximumBodyBytes: 2_048 } }],
    [{ RATE_LIMIT_COST: '77' }, { rate: { cost: 77 } }],
    [{ RATE_LIMIT_WINDOW_MS: '7000' }, { rate: { windowMs: 7_000 } }],
    [{ INTROSPECTION: 'false' }, { queries: { introspection: false, suggestions: false } }],
    [{ INTROSPECTION: 'false', SUGGESTIONS: 'true' }, { queries: { introspection: false, suggestions: true } }],
    [{ SUGGESTIONS: 'false' }, { queries: { introspection: true, suggestions: false } }],
    [{ NODE_ENV: 'production' }, { queries: { introspection: true, suggestions: false } }],
    [{ NODE_ENV: 'production', SUGGESTIONS: 'true' }, { queries: { suggestions: true } }],
    [{ NODE_ENV: 'development' }, { queries: { suggestions: true } }],
    [{ TRUSTED_DOCUMENTS: './documents.json' }, { queries: { trustedDocuments: './documents.json' } }],
    [
      { CORS_ORIGINS: 'https://a.example , http://localhost:3000' },
      { http: { corsOrigins: ['https://a.example', 'http://localhost:3000'] } },
    ],
    [{ MUTATION_SETTLE_MS: '77' }, { moderation: { settleMs: 77 } }],
    [{ LIVE_POLL_INTERVAL_MS: '77' }, { live: { intervalMs: 77 } }],
    [{ LIVE_GRACE_MS: '77' }, { live: { graceMs: 77 } }],
    [{ LIVE_QUEUE_LIMIT: '77' }, { live: { queueLimit: 77 } }],
    [{ LIVE_MAX_WATCHES: '77' }, { live: { maximumWatches: 77 } }],
    [{ LIVE_MAX_WATCHES_PER_CREDENTIAL: '77' }, { live: { maximumWatchesPerCredential: 77 } }],
    [{ LIVE_MAX_SUBSCRIPTIONS_PER_CONNECTION: '77' }, { live: { maximumSubscriptionsPerConnection: 77 } }],
    [{ FEDERATION_NODE: 'shared' }, { federation: { node: 'shared' } }],
    [{ FEDERATION_NODE: 'off' }, { federation: { node: 'off' } }],
    [{ SANDBOX_SEED: '42' }, { sandbox: { seed: 42 } }],
    [{ SANDBOX_SPEED: '0.5' }, { sandbox: { speed: 0.5 } }],
  ])('read %j', (env: Record<string, string>, part) => {
    expect(readConfig(env)).toMatchObject(part)
  })

  it('count as unset where they are empty', () => {
    const empty = Object.fromEntries(SETTING_NAMES.map(name => [name, '']))
    expect(readConfig(empty)).toEqual(readConfig({}))
  })

  it('leave alone what is not a setting', () => {
    expect(readConfig({ PATH: '/bin', port: 'x', CONSTRUCTOR: 'x' })).toEqual(readConfig({}))
  })

  it('cannot be changed afterwards', () => {
    const config = readConfig(SERVICE)
    expect(Object.isFrozen(config)).toBe(true)
    expect(Object.values(config).filter(part => !Object.isFrozen(part))).toEqual([])
  })
})

describe('a wrong setting', () => {
  const whole = (name: string, range: string) =>
    ['-1', '1.5', '1e3', 'many', ' 5', '99999999999999'].map(value => [
      name,
      value,
      `${name} must be a whole number from ${range}, and not ${JSON.stringify(value)}.`,
    ])

  it.each([
    ...whole('PORT', '0 to 65535'),
    ...whole('METRICS_PORT', '0 to 65535'),
    ...whole('SLOW_OPERATION_MS', '1 to 3600000'),
    ...whole('KEEP_ALIVE_TIMEOUT_MS', '1 to 3600000'),
    ...whole('WORKER_START_TIMEOUT_MS', '100 to 3600000'),
    ...whole('RECEIVE_TIMEOUT_MS', '100 to 3600000'),
    ...whole('MAX_CONNECTIONS', '1 to 1000000'),
    ...whole('SHUTDOWN_DELAY_MS', '0 to 600000'),
    ...whole('SHUTDOWN_TIMEOUT_MS', '1 to 3600000'),
    ...whole('RESTCOMM_TIMEOUT_MS', '1 to 600000'),
    ...whole('RESTCOMM_CONNECTIONS', '1 to 10000'),
    ...whole('RESTCOMM_MAX_BODY_BYTES', '1024 to 1073741824'),
    ...whole('CACHE_MAX_BYTES', '0 to 17179869184'),
    ...whole('CACHE_FINAL_TTL_MS', '1 to 86400000'),
    ...whole('CACHE_LIST_TTL_MS', '0 to 3600000'),
    ...whole('DEFAULT_PAGE_SIZE', '1 to 1000'),
    ...whole('MAX_PAGE_SIZE', '1 to 10000'),
    ...whole('MAX_SORTED_ROWS', '1 to 1000000'),
    ...whole('MAX_QUERY_SORTED_ROWS', '1 to 1000000000'),
    ...whole('MAX_QUERY_DEPTH', '1 to 1000'),
    ...whole('MAX_QUERY_ALIASES', '0 to 100000'),
    ...whole('MAX_QUERY_TOKENS', '1 to 1000000'),
    ...whole('MAX_QUERY_COST', '1 to 1000000000'),
    ...whole('MAX_NODE_IDS', '1 to 100'),
    ...whole('MAX_QUERY_REFERENCES', '1 to 100000'),
    ...whole('MAX_BODY_BYTES', '1024 to 1073741824'),
    ...whole('RATE_LIMIT_COST', '0 to 1000000000'),
    ...whole('RATE_LIMIT_WINDOW_MS', '1000 to 86400000'),
    ...whole('MUTATION_SETTLE_MS', '0 to 60000'),
    ...whole('LIVE_POLL_INTERVAL_MS', '20 to 3600000'),
    ...whole('LIVE_GRACE_MS', '0 to 3600000'),
    ...whole('LIVE_QUEUE_LIMIT', '1 to 100000'),
    ...whole('LIVE_MAX_WATCHES', '0 to 1000000'),
    ...whole('LIVE_MAX_WATCHES_PER_CREDENTIAL', '0 to 1000000'),
    ...whole('LIVE_MAX_SUBSCRIPTIONS_PER_CONNECTION', '0 to 100000'),
    ...whole('SANDBOX_SEED', '0 to 2147483647'),
    ['GRAPHIQL', 'yes', 'GRAPHIQL must be true or false, and not "yes".'],
    ['INTROSPECTION', 'no', 'INTROSPECTION must be true or false, and not "no".'],
    ['SUGGESTIONS', '0', 'SUGGESTIONS must be true or false, and not "0".'],
    ...[
      '*',
      'null',
      'app.example.com',
      'https://app.example.com/',
      'https://App.example.com',
      'https://a.example,',
    ].map(origins => [
      'CORS_ORIGINS',
      origins,
      'CORS_ORIGINS must be exact origins such as https://app.example.com, in lower case, with commas between them, ' +
        `and not "${origins}".`,
    ]),
    ...['0', '129', '-1', '1.5', 'all', ' 2'].map(value => [
      'WORKERS',
      value,
      `WORKERS must be auto or a whole number from 1 to 128, and not ${JSON.stringify(value)}.`,
    ]),
    ['METRICS', '1', 'METRICS must be true or false, and not "1".'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.5', 'OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1, and not "1.5".'],
    [
      'OTEL_TRACES_SAMPLER',
      'jaeger_remote',
      'OTEL_TRACES_SAMPLER must be one of parentbased_always_on, parentbased_always_off, parentbased_traceidratio, ' +
        'always_on, always_off, traceidratio, and not "jaeger_remote".',
    ],
    ['LOG_LEVEL', 'loud', 'LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent, and not "loud".'],
    ['RESTCOMM_DIALECT', 'Cloud', 'RESTCOMM_DIALECT must be one of auto, connect, cloud, and not "Cloud".'],
    ['FEDERATION_NODE', 'none', 'FEDERATION_NODE must be one of own, shared, off, and not "none".'],
    [
      'SANDBOX_SPEED',
      '-2',
      'SANDBOX_SPEED must be a number: how many times as fast as life callers come and go, 0 for not at all, and not "-2".',
    ],
  ])('is refused in one sentence: %s=%s', (name = '', value = '', sentence = '') => {
    expect(problemsOf({ [name]: value })).toEqual([sentence])
  })

  it.each([
    'restcomm.example.com',
    'ftp://restcomm.example.com/restcomm',
    'https://AC1:secret@restcomm.example.com/restcomm',
    'https://restcomm.example.com/restcomm?a=b',
    'https://restcomm.example.com/restcomm#a',
    'https://restcomm.example.com/restcomm/2012-04-24',
  ])('is refused without repeating it, since it may hold credentials: RESTCOMM_URL=%s', url => {
    expect(problemsOf({ RESTCOMM_URL: url })).toEqual([
      'RESTCOMM_URL must be an http or https address up to and including /restcomm, without credentials or a query.',
    ])
  })

  it.each(['redis', 'http://:secret@redis', 'redis://', 'redis://:secret@redis/one'])(
    'is refused without repeating it, since it may hold a password: REDIS_URL=%s',
    url => {
      expect(problemsOf({ REDIS_URL: url })).toEqual([
        'REDIS_URL must be a redis or rediss address, as redis://:password@host:6379/0.',
      ])
    },
  )

  it.each([
    'secret',
    `${HASH},`,
    HASH.slice(1),
    `${HASH};${HASH}`,
    `${HASH}=`,
    `${HASH}=AC1`,
    `${HASH}=${SID}+`,
    `${HASH}=${SID},${SID}`,
    `a name:${HASH}`,
    `:${HASH}`,
    `a:b:${HASH}`,
  ])('is refused without repeating it, since it may be a key: API_KEY_HASHES=%s', hashes => {
    expect(problemsOf({ API_KEY_HASHES: hashes })).toEqual([
      'API_KEY_HASHES must be SHA-256 hashes of API keys, in hexadecimal, with commas between them, each alone or with a ' +
        'name and the accounts that it may see (name:hash=AC…+AC…).',
    ])
  })

  it.each([
    'id.example.com/keys',
    'http://id.example.com/keys',
    'http://127.0.0.1.example.com/keys',
    'https://user:secret@id.example.com/keys',
    'file:///keys.json',
  ])('is refused without repeating it: JWT_JWKS_URL=%s', url => {
    expect(problemsOf({ ...TOKENS, JWT_JWKS_FILE: '', JWT_JWKS_URL: url })).toEqual([
      'JWT_JWKS_URL must be an https address, or an http one on this machine, without credentials.',
    ])
  })

  it.each(['no/such/file.json', 'test', 'LICENSE', 'package.json', 'test/fixtures/rows.json'])(
    'is refused: JWT_JWKS_FILE=%s',
    file => {
      expect(problemsOf({ ...TOKENS, JWT_JWKS_FILE: file })).toEqual([
        `JWT_JWKS_FILE must be a file with a JSON Web Key Set of public keys, and not "${file}".`,
      ])
    },
  )

  it.each(['otel:4318', 'grpc://otel:4317', 'http://user:secret@otel:4318'])(
    'is refused without repeating it, since it may hold credentials: OTEL_EXPORTER_OTLP_ENDPOINT=%s',
    url => {
      const isAddress = 'must be an http or https address without credentials'
      expect(problemsOf({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url })).toEqual([
        `OTEL_EXPORTER_OTLP_ENDPOINT ${isAddress}, below which /v1/traces is.`,
        `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ${isAddress}.`,
      ])
    },
  )

  it.each(['secret', 'a b=secret', 'key=sec ret', 'key=%zz', 'key=a%0D%0Ab', 'key=secret,'])(
    'is refused without repeating it, since it may be a key: OTEL_EXPORTER_OTLP_HEADERS=%s',
    headers => {
      expect(problemsOf({ OTEL_EXPORTER_OTLP_HEADERS: headers })).toEqual([
        'OTEL_EXPORTER_OTLP_HEADERS must be name=value, with commas between several, and the values percent-encoded.',
      ])
    },
  )
  it.each([
    ['none', []],
    ['a shared secret', [{ kty: 'oct', k: 'c2VjcmV0' }]],
    ['a private key', [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y', d: 'd' }]],
  ])('is refused: a JWT_JWKS_FILE with %s', (_what, keys) => {
    const folder = mkdtempSync(join(tmpdir(), 'keys-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'keys.json')
    writeFileSync(file, JSON.stringify({ keys }))
    expect(problemsOf({ ...TOKENS, JWT_JWKS_FILE: file })).toEqual([expect.stringContaining('of public keys, and not')])
  })

  it.each(['AC1', `CF${'a'.repeat(32)}`, `AC${'a'.repeat(33)}`, 'someone@example.com'])(
    'is refused: RESTCOMM_ACCOUNT_SID=%s',
    sid => {
      expect(problemsOf({ ...SERVICE, RESTCOMM_ACCOUNT_SID: sid })).toEqual([
        `RESTCOMM_ACCOUNT_SID must be \`AC\` and 32 letters or digits, and not "${sid}".`,
      ])
    },
  )

  it('does not hide another, nor what is wrong with several together', () => {
    const wrong = { PORT: 'http', RESTCOMM_URL: 'x', RESTCOMM_AUTH_TOKEN: TOKEN, LOG_LEVEL: 'x', GRAPHIQL: '1' }
    const problems = problemsOf({ ...wrong, DEFAULT_PAGE_SIZE: '501' })
    expect(problems.map(problem => problem.split(' ', 1)[0])).toEqual([
      'PORT',
      'LOG_LEVEL',
      'RESTCOMM_URL',
      'GRAPHIQL',
      'RESTCOMM_AUTH_TOKEN',
      'DEFAULT_PAGE_SIZE',
    ])
    expect(problems.join()).not.toContain(TOKEN)
  })
})

describe('workers', () => {
  it.each(['2', 'auto'])('need a Restcomm that they share: WORKERS=%s', WORKERS => {
    expect(problemsOf({ WORKERS })).toEqual([
      `WORKERS is ${WORKERS} and RESTCOMM_URL is not set: each worker would embed a Restcomm of its own.`,
    ])
  })
})

describe('a port for metrics', () => {
  it('is of no use where there are none', () => {
    expect(problemsOf({ METRICS: 'false', METRICS_PORT: '9464' })).toEqual([
      'METRICS is false, so there is nothing that METRICS_PORT=9464 could be for.',
    ])
  })

  it('is not the port of the graph, though either may be any that is free', () => {
    expect(problemsOf({ PORT: '4001', METRICS_PORT: '4001' })).toEqual([
      'METRICS_PORT and PORT are both 4001; leave METRICS_PORT out to serve both there.',
    ])
    expect(problemsOf({ PORT: '0', METRICS_PORT: '0' })).toEqual([])
  })

  it('has a host, which is none of its own without', () => {
    expect(problemsOf({ METRICS_HOST: '127.0.0.1' })).toEqual([
      "METRICS_HOST is set and METRICS_PORT is not: with the graph's port, metrics have its host as well.",
    ])
  })
})

describe('the times of stopping', () => {
  it('leave something after the delay', () => {
    expect(problemsOf({ SHUTDOWN_DELAY_MS: '3000', SHUTDOWN_TIMEOUT_MS: '3000' })).toEqual([
      'SHUTDOWN_DELAY_MS (3000) leaves nothing of SHUTDOWN_TIMEOUT_MS (3000).',
    ])
    expect(problemsOf({ SHUTDOWN_DELAY_MS: '2999', SHUTDOWN_TIMEOUT_MS: '3000' })).toEqual([])
  })
})

describe('the rows that are sorted', () => {
  it('of one list may be all that a query may sort, and no more', () => {
    expect(problemsOf({ MAX_SORTED_ROWS: '50001' })).toEqual([
      'MAX_SORTED_ROWS (50001) is more than MAX_QUERY_SORTED_ROWS (50000).',
    ])
    expect(problemsOf({ MAX_SORTED_ROWS: '50001', MAX_QUERY_SORTED_ROWS: '50001' })).toEqual([])
    expect(problemsOf({ MAX_QUERY_SORTED_ROWS: '0' })).toHaveLength(1)
  })
})

describe('the credentials of the gateway itself', () => {
  it('are an account and its token, and never one of them', () => {
    const { RESTCOMM_ACCOUNT_SID, RESTCOMM_AUTH_TOKEN, RESTCOMM_URL } = SERVICE
    expect(problemsOf({ RESTCOMM_URL, RESTCOMM_ACCOUNT_SID, API_KEY_HASHES: HASH })).toEqual([
      'RESTCOMM_ACCOUNT_SID is set and RESTCOMM_AUTH_TOKEN is not; set both, or neither.',
    ])
    expect(problemsOf({ RESTCOMM_URL, RESTCOMM_AUTH_TOKEN })).toEqual([
      'RESTCOMM_AUTH_TOKEN is set and RESTCOMM_ACCOUNT_SID is not; set both, or neither.',
    ])
  })

  it('are for a Restcomm that is named', () => {
    expect(problemsOf({ ...SERVICE, RESTCOMM_URL: '' })).toEqual([
      'RESTCOMM_URL is not set, so there is no Restcomm that the credentials could be for.',
    ])
  })

  it.each(['127.0.0.1', 'localhost', '::1', '0.0.0.0', '10.0.0.1', 'gateway.example.com'])(
    'are for clients that the gateway itself knows, on %s too',
    HOST => {
      expect(problemsOf({ ...OWN, HOST })).toEqual([
        'Anybody who reaches the gateway could use the credentials in RESTCOMM_ACCOUNT_SID: set API_KEY_HASHES, or ' +
          'JWT_JWKS_URL with JWT_ISSUER and JWT_AUDIENCE, or leave the credentials to the callers.',
      ])
      expect(problemsOf({ ...OWN, HOST, API_KEY_HASHES: HASH })).toEqual([])
      expect(problemsOf({ ...OWN, HOST, ...TOKENS })).toEqual([])
    },
  )

  it.each([{ API_KEY_HASHES: HASH }, TOKENS])('are needed where clients have %j', (clients: Record<string, string>) => {
    expect(problemsOf({ RESTCOMM_URL: URL_SET, ...clients })).toEqual([
      expect.stringMatching(/^(API_KEY_HASHES|JWT_JWKS_FILE) is set, but no credentials for whom it lets in: /),
    ])
    expect(problemsOf(clients)).toEqual([])
  })

  it.each(['0.0.0.0', '::'])('are not needed where callers bring their own, on %s', HOST => {
    expect(problemsOf({ RESTCOMM_URL: URL_SET, HOST })).toEqual([])
  })
})

describe('the clients of the gateway itself', () => {
  it('have a key each', () => {
    expect(problemsOf({ ...OWN, API_KEY_HASHES: `${HASH}=${SID},${HASH.toUpperCase()}` })).toEqual([
      'API_KEY_HASHES has the same hash twice.',
    ])
  })

  it.each(['JWT_ISSUER', 'JWT_AUDIENCE'])('have tokens that were made for this gateway: %s', name => {
    expect(problemsOf({ ...OWN, ...TOKENS, [name]: '' })).toEqual([
      `${name} is not set, so tokens that were made for others would count; JWT_JWKS_FILE needs it.`,
    ])
    expect(problemsOf({ ...SERVICE, [name]: 'x' })).toEqual([
      `${name} is set and there are no keys to check tokens with; set JWT_JWKS_URL or JWT_JWKS_FILE.`,
    ])
  })

  it('have tokens that are checked with the keys of one place', () => {
    expect(problemsOf({ ...OWN, ...TOKENS, JWT_JWKS_URL: 'https://id.example.com/keys' })).toEqual([
      'JWT_JWKS_URL and JWT_JWKS_FILE are both set; set one of them.',
    ])
  })

  it.each([
    ...['127.0.0.1', '127.1.2.3', 'localhost', '::1'].map(host => [host, true] as const),
    ...['0.0.0.0', '::', '10.0.0.1', 'localhost.example.com', '127.0.0.1.example.com'].map(
      host => [host, false] as const,
    ),
  ])('get their keys without encryption from this machine only: %s', (host, is) => {
    expect(isLoopback(host)).toBe(is)
  })
})

const documentOf = (name: string): string => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')

describe('what is written about the settings', () => {
  it('README.md has each of them, in order, with its default', () => {
    const rows = [...documentOf('README.md').matchAll(/^\| `([A-Z_]+)` \| (?:`([^`]*)`|none) \|/gm)]
    expect(rows.map(([, name]) => name)).toEqual(SETTING_NAMES)
    const defaults = Object.fromEntries(rows.map(([, name, value]) => [name, value]))
    expect(readConfig(defaults)).toEqual(readConfig({}))
  })

  it('.env.example has each of them, in order, with its default', () => {
    const lines = [...documentOf('.env.example').matchAll(/^#([A-Z_]+)=(.*)$/gm)]
    expect(lines.map(([, name]) => name)).toEqual(SETTING_NAMES)
    const defaults = Object.fromEntries(lines.map(([, name, value]) => [name, value]))
    expect(readConfig(defaults)).toEqual(readConfig({}))
  })

  it('README.md asks queries that the schema has', () => {
    const schema = buildSchema(apiSdl())
    const queries = [...documentOf('README.md').matchAll(/^```graphql\n([\s\S]*?)^```/gm)].map(
      ([, query = '']) => query,
    )
    expect(queries.length).toBeGreaterThan(0)
    for (const query of queries) expect(validate(schema, parse(query))).toEqual([])
  })
})
