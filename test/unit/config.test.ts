import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { REMOVED_SETTINGS } from '../../src/config/removedSettings.ts'
import { isLoopback, SETTING_NAMES } from '../../src/config/settings.ts'
import { ConfigError, readConfig } from '../../src/config.ts'
import { TEST_SECRET } from '../support/gatewaySecret.ts'

const SID = `AC${'a1B2'.repeat(8)}`
const TOKEN = 'a-token-that-must-not-be-seen'
const URL_SET = 'https://restcomm.example.com/restcomm'
const HASH = 'ab'.repeat(32)
const OTHER_HASH = 'cd'.repeat(32)
const OTHER_SID = `AC${'c3D4'.repeat(8)}`
const SERVICE_CREDENTIALS = { RESTCOMM_URL: URL_SET, RESTCOMM_ACCOUNT_SID: SID, RESTCOMM_AUTH_TOKEN: TOKEN }
const SERVICE_WITH_API_KEY = { ...SERVICE_CREDENTIALS, API_KEY_HASHES: HASH }
const KEY_SET = fileURLToPath(new URL('../fixtures/jwks.json', import.meta.url))
const TOKEN_SETTINGS = { JWT_JWKS_FILE: KEY_SET, JWT_ISSUER: 'https://id.example.com/', JWT_AUDIENCE: 'restcomm' }

const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    readConfig(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

describe('readConfig', () => {
  it('readConfig returns the defaults with the sandbox for an empty environment', () => {
    expect(readConfig({})).toEqual({
      http: {
        host: '127.0.0.1',
        port: 4000,
        graphiql: true,
        timeoutMs: 10_000,
        maxBodyBytes: 1_048_576,
        maxResponseBytes: 16_777_216,
        corsOrigins: [],
      },
      log: { level: 'info', slowOperationMs: 5_000 },
      metrics: { host: '127.0.0.1', port: null },
      isTraced: false,
      workers: { count: 1, startTimeoutMs: 30_000 },
      connections: {
        keepAliveTimeoutMs: 72_000,
        receiveTimeoutMs: 30_000,
        sendTimeoutMs: 30_000,
        maxConnections: 20_000,
      },
      shutdown: { delayMs: 5_000, timeoutMs: 25_000 },
      restcomm: {
        url: null,
        dialect: null,
        timeoutMs: 4_000,
        connections: 64,
        maxQueued: 10_000,
        commandTimeoutMs: 15_000,
        maxBodyBytes: 4_194_304,
      },
      cache: { maxBytes: 67_108_864, immutableTtlMs: 3_600_000, listTtlMs: 0 },
      redis: { url: null },
      secrets: [],
      serviceCredentials: null,
      authentication: { apiKeys: [], tokens: null },
      limits: { defaultPageSize: 50, maxPageSize: 500, maxSortedRows: 5_000, maxQuerySortedRows: 25_000 },
      queries: {
        maxDepth: 15,
        maxAliases: 200,
        maxDefers: 50,
        maxTokens: 20_000,
        maxCost: 250_000,
        maxReferences: 1_000,
        introspection: true,
        suggestions: true,
        trustedDocuments: null,
      },
      rateLimit: { maxCost: 0, windowMs: 60_000 },
      federation: { node: 'own', nodeKey: false, tag: null },
      operations: {
        maxOperations: 2_000,
        maxUnverifiedOperations: 500,
        maxSubscriptions: 10_000,
        maxUnverifiedSubscriptions: 1_000,
        maxUnsentBytes: 134_217_728,
      },
      mutations: { settleTimeoutMs: 3_000 },
      live: {
        intervalMs: 2_000,
        graceMs: 10_000,
        maxQueuedEvents: 100,
        maxWatches: 1_000,
        maxWatchesPerCredential: 100,
        maxUnverifiedWatches: 500,
        maxSubscriptionsPerConnection: 100,
      },
    })
  })

  it.each([
    [{ PORT: '0' }, { http: { port: 0 } }],
    [{ HOST: '::1' }, { http: { host: '::1' } }],
    [{ GRAPHIQL: 'false' }, { http: { graphiql: false } }],
    [{ METRICS_PORT: '9464', HOST: '::1' }, { metrics: { host: '::1', port: 9464 } }],
    [{ METRICS_PORT: '0', METRICS_HOST: '10.0.0.1' }, { metrics: { host: '10.0.0.1', port: 0 } }],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel:4318/' }, { isTraced: true }],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://otel/t' }, { isTraced: true }],
    [{ OTEL_TRACES_EXPORTER: 'console' }, { isTraced: true }],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel:4318/', OTEL_TRACES_EXPORTER: 'none' }, { isTraced: false }],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel:4318/', OTEL_SDK_DISABLED: 'True' }, { isTraced: false }],
    [{ WORKERS: 'auto', RESTCOMM_URL: URL_SET }, { workers: { count: 'auto' } }],
    [{ WORKERS: '128', RESTCOMM_URL: URL_SET }, { workers: { count: 128 } }],
    [{ WORKERS: '1' }, { workers: { count: 1 } }],
    [{ KEEP_ALIVE_TIMEOUT_MS: '77' }, { connections: { keepAliveTimeoutMs: 77 } }],
    [{ SHUTDOWN_DELAY_MS: '77' }, { shutdown: { delayMs: 77 } }],
    [{ SHUTDOWN_TIMEOUT_MS: '7777' }, { shutdown: { timeoutMs: 7_777 } }],
    [{ LOG_LEVEL: 'silent' }, { log: { level: 'silent' } }],
    [{ RESTCOMM_URL: `${URL_SET}/` }, { restcomm: { url: URL_SET } }],
    [{ RESTCOMM_URL: 'http://10.0.0.1:8080/api' }, { restcomm: { url: 'http://10.0.0.1:8080/api' } }],
    [{ RESTCOMM_DIALECT: 'auto' }, { restcomm: { dialect: null } }],
    [{ RESTCOMM_DIALECT: 'cloud' }, { restcomm: { dialect: 'cloud' } }],
    [{ RESTCOMM_TIMEOUT_MS: '250' }, { restcomm: { timeoutMs: 250 } }],
    [{ RESTCOMM_CONNECTIONS: '8' }, { restcomm: { connections: 8 } }],
    [{ REQUEST_TIMEOUT_MS: '50' }, { http: { timeoutMs: 50 } }],
    [{ CACHE_MAX_BYTES: '0' }, { cache: { maxBytes: 0 } }],
    [{ CACHE_LIST_TTL_MS: '77' }, { cache: { listTtlMs: 77 } }],
    [{ REDIS_URL: 'redis://redis:6379', GATEWAY_SECRET: TEST_SECRET }, { redis: { url: 'redis://redis:6379' } }],
    [
      { REDIS_URL: 'rediss://:secret@redis/2', GATEWAY_SECRET: TEST_SECRET },
      { redis: { url: 'rediss://:secret@redis/2' } },
    ],
    [{ GATEWAY_SECRET: TEST_SECRET }, { secrets: [TEST_SECRET] }],
    [{ GATEWAY_SECRET: `${'n'.repeat(32)} , ${'f'.repeat(32)}` }, { secrets: ['n'.repeat(32), 'f'.repeat(32)] }],
    [SERVICE_WITH_API_KEY, { serviceCredentials: { accountSid: SID, authToken: TOKEN } }],
    [
      { API_KEY_HASHES: `${HASH.toUpperCase()} , ${OTHER_HASH}` },
      {
        authentication: {
          apiKeys: [
            { name: null, hash: HASH, accounts: null, actions: ['mute', 'hangup'] },
            { name: null, hash: OTHER_HASH, accounts: null, actions: ['mute', 'hangup'] },
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
      { API_KEY_HASHES: `board:${HASH}=${SID}/read,${OTHER_HASH} / mute,x:${'ef'.repeat(32)}/hangup + mute` },
      {
        authentication: {
          apiKeys: [
            { name: 'board', accounts: [SID], actions: [] },
            { name: null, accounts: null, actions: ['mute'] },
            { name: 'x', accounts: null, actions: ['mute', 'hangup'] },
          ],
        },
      },
    ],
    [
      { ...TOKEN_SETTINGS, JWT_ACCOUNTS_CLAIM: 'https://example.com/accounts' },
      {
        authentication: {
          tokens: {
            keys: JSON.parse(readFileSync(KEY_SET, 'utf8')),
            issuer: TOKEN_SETTINGS.JWT_ISSUER,
            audience: 'restcomm',
            accountsClaim: 'https://example.com/accounts',
          },
        },
      },
    ],
    [
      { ...TOKEN_SETTINGS, JWT_JWKS_FILE: '', JWT_JWKS_URL: 'http://[::1]:8080/keys?a=b' },
      { authentication: { tokens: { keys: 'http://[::1]:8080/keys?a=b', accountsClaim: 'accounts' } } },
    ],
    [
      { ...TOKEN_SETTINGS, JWT_MAX_LIFETIME_SECONDS: '600' },
      { authentication: { tokens: { maxLifetimeSeconds: 600, requiresScope: false } } },
    ],
    [{ ...TOKEN_SETTINGS, JWT_REQUIRE_SCOPE: 'true' }, { authentication: { tokens: { requiresScope: true } } }],
    [{ MAX_PAGE_SIZE: '7' }, { limits: { defaultPageSize: 7, maxPageSize: 7 } }],
    [{ MAX_PAGE_SIZE: '51' }, { limits: { defaultPageSize: 50, maxPageSize: 51 } }],
    [{ MAX_SORTED_ROWS: '100' }, { limits: { maxSortedRows: 100, maxQuerySortedRows: 500 } }],
    [{ LIVE_MAX_WATCHES: '1010' }, { live: { maxWatches: 1_010, maxWatchesPerCredential: 101 } }],
    [{ MAX_QUERY_DEPTH: '77' }, { queries: { maxDepth: 77 } }],
    [{ MAX_QUERY_COST: '77' }, { queries: { maxCost: 77 } }],
    [{ MAX_BODY_BYTES: '2048' }, { http: { maxBodyBytes: 2_048 } }],
    [{ MAX_RESPONSE_BYTES: '2048' }, { http: { maxResponseBytes: 2_048 } }],
    [{ RATE_LIMIT_COST: '77' }, { rateLimit: { maxCost: 77 } }],
    [{ RATE_LIMIT_WINDOW_MS: '7000' }, { rateLimit: { windowMs: 7_000 } }],
    [{ INTROSPECTION: 'false' }, { queries: { introspection: false, suggestions: false } }],
    [{ NODE_ENV: 'production' }, { queries: { introspection: true, suggestions: false } }],
    [{ NODE_ENV: 'development' }, { queries: { suggestions: true } }],
    [{ TRUSTED_DOCUMENTS: './documents.json' }, { queries: { trustedDocuments: './documents.json' } }],
    [
      { CORS_ORIGINS: 'https://a.example , http://localhost:3000' },
      { http: { corsOrigins: ['https://a.example', 'http://localhost:3000'] } },
    ],
    [{ MUTATION_SETTLE_MS: '77' }, { mutations: { settleTimeoutMs: 77 } }],
    [{ LIVE_POLL_INTERVAL_MS: '77' }, { live: { intervalMs: 77 } }],
    [{ LIVE_MAX_WATCHES: '77' }, { live: { maxWatches: 77, maxWatchesPerCredential: 100 } }],
    [{ FEDERATION_NODE: 'shared' }, { federation: { node: 'shared' } }],
    [{ FEDERATION_NODE: 'off' }, { federation: { node: 'off', nodeKey: false, tag: null } }],
    [{ FEDERATION_NODE_KEY: 'true' }, { federation: { nodeKey: true } }],
    [{ FEDERATION_TAG: 'team-a/telephony' }, { federation: { tag: 'team-a/telephony' } }],
  ])('readConfig parses %j', (env: Record<string, string>, part) => {
    expect(readConfig(env)).toMatchObject(part)
  })

  it('readConfig treats empty settings as unset', () => {
    const empty = Object.fromEntries(SETTING_NAMES.map(name => [name, '']))
    expect(readConfig(empty)).toEqual(readConfig({}))
  })

  it('readConfig ignores unknown environment variables', () => {
    expect(readConfig({ PATH: '/bin', port: 'x', CONSTRUCTOR: 'x' })).toEqual(readConfig({}))
  })

  it('readConfig returns a frozen configuration', () => {
    const config = readConfig(SERVICE_WITH_API_KEY)
    expect(Object.isFrozen(config)).toBe(true)
    expect(Object.values(config).filter(part => !Object.isFrozen(part))).toEqual([])
  })
})

describe('an invalid setting', () => {
  const integer = (name: string, range: string) =>
    ['-1', '1.5', '1e3', 'many', ' 5', '99999999999999'].map(value => [
      name,
      value,
      `${name} is ${JSON.stringify(value)}: expected an integer from ${range}.`,
    ])

  it.each([
    ...integer('PORT', '0 to 65535'),
    ...integer('METRICS_PORT', '0 to 65535'),
    ...integer('KEEP_ALIVE_TIMEOUT_MS', '1 to 3600000'),
    ...integer('SHUTDOWN_DELAY_MS', '0 to 600000'),
    ...integer('SHUTDOWN_TIMEOUT_MS', '1 to 3600000'),
    ...integer('RESTCOMM_TIMEOUT_MS', '1 to 600000'),
    ...integer('RESTCOMM_CONNECTIONS', '1 to 10000'),
    ...integer('CACHE_MAX_BYTES', '0 to 17179869184'),
    ...integer('CACHE_LIST_TTL_MS', '0 to 3600000'),
    ...integer('MAX_PAGE_SIZE', '1 to 10000'),
    ...integer('MAX_SORTED_ROWS', '1 to 1000000'),
    ...integer('MAX_QUERY_DEPTH', '1 to 1000'),
    ...integer('MAX_QUERY_COST', '1 to 1000000000'),
    ...integer('MAX_BODY_BYTES', '1024 to 1073741824'),
    ...integer('MAX_RESPONSE_BYTES', '1024 to 268435456'),
    ...integer('RATE_LIMIT_COST', '0 to 1000000000'),
    ...integer('RATE_LIMIT_WINDOW_MS', '1000 to 86400000'),
    ...integer('MUTATION_SETTLE_MS', '0 to 60000'),
    ...integer('LIVE_POLL_INTERVAL_MS', '20 to 3600000'),
    ...integer('LIVE_MAX_WATCHES', '0 to 1000000'),
    ['GRAPHIQL', 'yes', 'GRAPHIQL is "yes": expected true or false.'],
    ['INTROSPECTION', 'no', 'INTROSPECTION is "no": expected true or false.'],
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
      `CORS_ORIGINS is "${origins}": expected origins such as https://app.example.com, in lower case and separated by commas.`,
    ]),
    ...['0', '129', '-1', '1.5', 'all', ' 2'].map(value => [
      'WORKERS',
      value,
      `WORKERS is ${JSON.stringify(value)}: expected auto or an integer from 1 to 128.`,
    ]),
    ['LOG_LEVEL', 'loud', 'LOG_LEVEL is "loud": expected one of trace, debug, info, warn, error, fatal, silent.'],
    ['RESTCOMM_DIALECT', 'Cloud', 'RESTCOMM_DIALECT is "Cloud": expected one of auto, connect, cloud.'],
    ['FEDERATION_NODE', 'none', 'FEDERATION_NODE is "none": expected one of own, shared, off.'],
    [
      'FEDERATION_TAG',
      'two words',
      'FEDERATION_TAG is "two words": expected a letter and up to 127 letters, digits, "-", "_" or "/".',
    ],
  ])(
    'readConfig reports an invalid setting with the value and the expected form: %s=%s',
    (name = '', value = '', message = '') => {
      expect(problemsOf({ [name]: value })).toEqual([message])
    },
  )

  it.each([
    'restcomm.example.com',
    'ftp://restcomm.example.com/restcomm',
    'https://AC1:secret@restcomm.example.com/restcomm',
    'https://restcomm.example.com/restcomm?a=b',
    'https://restcomm.example.com/restcomm#a',
    'https://restcomm.example.com/restcomm/2012-04-24',
  ])(
    'readConfig reports an invalid RESTCOMM_URL without the value, which may contain credentials: RESTCOMM_URL=%s',
    url => {
      expect(problemsOf({ RESTCOMM_URL: url })).toEqual([
        'RESTCOMM_URL is invalid: expected an http or https URL up to and including /restcomm, without credentials or a query.',
      ])
    },
  )

  it.each(['short', 'x'.repeat(31), `${'x'.repeat(32)},short`, `${'x'.repeat(32)},`])(
    'readConfig reports an invalid GATEWAY_SECRET without the value: GATEWAY_SECRET=%s',
    secret => {
      expect(problemsOf({ GATEWAY_SECRET: secret })).toEqual([
        'GATEWAY_SECRET is invalid: expected a secret of at least 32 characters, and optionally former secrets, separated ' +
          'by commas (create a secret with `openssl rand -base64 32`).',
      ])
    },
  )

  it('readConfig requires GATEWAY_SECRET with REDIS_URL, and shows how to create a value', () => {
    expect(problemsOf({ REDIS_URL: 'redis://redis:6379' })).toEqual([
      'REDIS_URL is set but GATEWAY_SECRET is not: set GATEWAY_SECRET to the same value for all replicas; create a value ' +
        'with `openssl rand -base64 32`.',
    ])
    expect(readConfig({}).secrets).toEqual([])
  })

  it.each(['redis', 'http://:secret@redis', 'redis://', 'redis://:secret@redis/one'])(
    'readConfig reports an invalid REDIS_URL without the value, which may contain a password: REDIS_URL=%s',
    url => {
      expect(problemsOf({ REDIS_URL: url, GATEWAY_SECRET: TEST_SECRET })).toEqual([
        'REDIS_URL is invalid: expected a redis or rediss URL such as redis://:password@host:6379/0.',
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
    `${HASH}/`,
    `${HASH}/write`,
    `${HASH}/read+mute`,
    `${HASH}/mute/hangup`,
    `${HASH};read`,
  ])('readConfig reports invalid API_KEY_HASHES without the value, which may be a key: API_KEY_HASHES=%s', hashes => {
    expect(problemsOf({ API_KEY_HASHES: hashes })).toEqual([
      'API_KEY_HASHES is invalid: expected SHA-256 hashes in hexadecimal, separated by commas, each with an optional ' +
        'client name, accounts and rights (name:hash=AC…+AC…/read, /mute, /hangup or /mute+hangup).',
    ])
  })

  it.each([
    'id.example.com/keys',
    'http://id.example.com/keys',
    'http://127.0.0.1.example.com/keys',
    'https://user:secret@id.example.com/keys',
    'file:///keys.json',
  ])(
    'readConfig reports an invalid JWT_JWKS_URL without the value, which may contain credentials: JWT_JWKS_URL=%s',
    url => {
      expect(problemsOf({ ...TOKEN_SETTINGS, JWT_JWKS_FILE: '', JWT_JWKS_URL: url })).toEqual([
        'JWT_JWKS_URL is invalid: expected an https URL, or an http URL of the local host, without credentials.',
      ])
    },
  )

  it.each(['no/such/file.json', 'test', 'LICENSE', 'package.json', 'test/fixtures/rows.json'])(
    'readConfig reports a JWT_JWKS_FILE without readable public keys: JWT_JWKS_FILE=%s',
    file => {
      expect(problemsOf({ ...TOKEN_SETTINGS, JWT_JWKS_FILE: file })).toEqual([
        `JWT_JWKS_FILE is "${file}": expected the path of a JSON Web Key Set with public keys.`,
      ])
    },
  )

  it.each([
    ['no keys', []],
    ['a shared secret', [{ kty: 'oct', k: 'c2VjcmV0' }]],
    ['a private key', [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y', d: 'd' }]],
  ])('readConfig reports a JWT_JWKS_FILE with %s', (_what, keys) => {
    const folder = mkdtempSync(join(tmpdir(), 'keys-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'keys.json')
    writeFileSync(file, JSON.stringify({ keys }))
    expect(problemsOf({ ...TOKEN_SETTINGS, JWT_JWKS_FILE: file })).toEqual([
      expect.stringContaining('with public keys.'),
    ])
  })

  it.each(['AC1', `CF${'a'.repeat(32)}`, `AC${'a'.repeat(33)}`, 'someone@example.com'])(
    'readConfig reports an invalid RESTCOMM_ACCOUNT_SID: RESTCOMM_ACCOUNT_SID=%s',
    sid => {
      expect(problemsOf({ ...SERVICE_WITH_API_KEY, RESTCOMM_ACCOUNT_SID: sid })).toEqual([
        `RESTCOMM_ACCOUNT_SID is "${sid}": expected "AC" followed by 32 letters or digits.`,
      ])
    },
  )

  it('readConfig reports all invalid settings and contradictions together', () => {
    const wrong = { PORT: 'http', RESTCOMM_URL: 'x', RESTCOMM_AUTH_TOKEN: TOKEN, LOG_LEVEL: 'x', GRAPHIQL: '1' }
    const problems = problemsOf({ ...wrong, SHUTDOWN_DELAY_MS: '30000', METRICS: 'true' })
    expect(problems.map(problem => problem.split(' ', 1)[0])).toEqual([
      'PORT',
      'LOG_LEVEL',
      'RESTCOMM_URL',
      'GRAPHIQL',
      'METRICS',
      'RESTCOMM_AUTH_TOKEN',
      'SHUTDOWN_DELAY_MS',
    ])
    expect(problems.join()).not.toContain(TOKEN)
  })
})

describe('a removed setting', () => {
  it('readConfig reports a removed setting with the present value and the alternative', () => {
    expect(problemsOf({ RESTCOMM_BREAKER_OPEN_MS: '3000', MAX_NODE_IDS: '50', METRICS_PORT: '1' })).toEqual([
      'RESTCOMM_BREAKER_OPEN_MS was removed in release 0.2.0: a trial request is now sent every 500 ms; remove the setting.',
      'MAX_NODE_IDS was removed in release 0.2.0: the value is now 1000; ids and references count together; for lower limits, set MAX_QUERY_COST.',
    ])
  })

  it('readConfig accepts removed settings without a value', () => {
    expect(problemsOf(Object.fromEntries(Object.keys(REMOVED_SETTINGS).map(name => [name, ''])))).toEqual([])
  })

  it('removed settings state the values of the configuration', () => {
    const { workers, connections, log, restcomm, cache, limits, queries, live } = readConfig({})
    const values = {
      WORKER_START_TIMEOUT_MS: workers.startTimeoutMs,
      RECEIVE_TIMEOUT_MS: connections.receiveTimeoutMs,
      SEND_TIMEOUT_MS: connections.sendTimeoutMs,
      MAX_CONNECTIONS: connections.maxConnections,
      SLOW_OPERATION_MS: log.slowOperationMs,
      RESTCOMM_MAX_WAITING: restcomm.maxQueued,
      RESTCOMM_MAX_BODY_BYTES: restcomm.maxBodyBytes,
      CACHE_FINAL_TTL_MS: cache.immutableTtlMs,
      DEFAULT_PAGE_SIZE: limits.defaultPageSize,
      MAX_QUERY_ALIASES: queries.maxAliases,
      MAX_QUERY_DEFERS: queries.maxDefers,
      MAX_QUERY_TOKENS: queries.maxTokens,
      MAX_NODE_IDS: queries.maxReferences,
      MAX_QUERY_REFERENCES: queries.maxReferences,
      LIVE_GRACE_MS: live.graceMs,
      LIVE_QUEUE_LIMIT: live.maxQueuedEvents,
      LIVE_MAX_SUBSCRIPTIONS_PER_CONNECTION: live.maxSubscriptionsPerConnection,
    }
    const stated = Object.entries(REMOVED_SETTINGS).flatMap(([name, text]) => {
      const value = /^the value is now (\d+);/.exec(text)?.[1]
      return value === undefined ? [] : [[name, Number(value)]]
    })
    expect(Object.fromEntries(stated)).toEqual(values)
  })
})

describe('WORKERS', () => {
  it.each(['2', 'auto'])('configuration: WORKERS=%s requires RESTCOMM_URL', WORKERS => {
    expect(problemsOf({ WORKERS })).toEqual([
      `WORKERS is ${WORKERS} but RESTCOMM_URL is not set, so each worker would start a sandbox of its own: ` +
        'set RESTCOMM_URL, or set WORKERS to 1.',
    ])
  })
})

describe('METRICS_PORT', () => {
  it('configuration: METRICS_PORT must differ from PORT, unless both are 0', () => {
    expect(problemsOf({ PORT: '4001', METRICS_PORT: '4001' })).toEqual([
      'METRICS_PORT and PORT are both 4001: remove METRICS_PORT to serve metrics at PORT.',
    ])
    expect(problemsOf({ PORT: '0', METRICS_PORT: '0' })).toEqual([])
  })

  it('configuration: METRICS_HOST requires METRICS_PORT', () => {
    expect(problemsOf({ METRICS_HOST: '127.0.0.1' })).toEqual([
      'METRICS_HOST is "127.0.0.1" but METRICS_PORT is not set: set METRICS_PORT as well, or remove METRICS_HOST to ' +
        'serve metrics at HOST and PORT.',
    ])
  })
})

describe('RESTCOMM_TIMEOUT_MS', () => {
  it('configuration: RESTCOMM_TIMEOUT_MS must be less than REQUEST_TIMEOUT_MS', () => {
    expect(problemsOf({ RESTCOMM_TIMEOUT_MS: '10000' })).toEqual([
      'RESTCOMM_TIMEOUT_MS is 10000: expected less than REQUEST_TIMEOUT_MS (10000).',
    ])
    expect(problemsOf({ RESTCOMM_TIMEOUT_MS: '700', REQUEST_TIMEOUT_MS: '500' })).toHaveLength(1)
    expect(problemsOf({ RESTCOMM_TIMEOUT_MS: '499', REQUEST_TIMEOUT_MS: '500' })).toEqual([])
    expect(problemsOf({ RESTCOMM_TIMEOUT_MS: '700', REQUEST_TIMEOUT_MS: '0' })).toHaveLength(1)
  })

  it('configuration: without RESTCOMM_TIMEOUT_MS, the time limit leaves time for a retry within REQUEST_TIMEOUT_MS', () => {
    expect(readConfig({ REQUEST_TIMEOUT_MS: '500' }).restcomm.timeoutMs).toBe(200)
    expect(readConfig({ REQUEST_TIMEOUT_MS: '60000' }).restcomm.timeoutMs).toBe(4_000)
  })
})

describe('SHUTDOWN_DELAY_MS', () => {
  it('configuration: SHUTDOWN_DELAY_MS must be less than SHUTDOWN_TIMEOUT_MS', () => {
    expect(problemsOf({ SHUTDOWN_DELAY_MS: '3000', SHUTDOWN_TIMEOUT_MS: '3000' })).toEqual([
      'SHUTDOWN_DELAY_MS is 3000: expected less than SHUTDOWN_TIMEOUT_MS (3000).',
    ])
    expect(problemsOf({ SHUTDOWN_DELAY_MS: '2999', SHUTDOWN_TIMEOUT_MS: '3000' })).toEqual([])
  })
})

describe('RESTCOMM_ACCOUNT_SID and RESTCOMM_AUTH_TOKEN', () => {
  it('configuration: RESTCOMM_ACCOUNT_SID and RESTCOMM_AUTH_TOKEN must be set together', () => {
    const { RESTCOMM_ACCOUNT_SID, RESTCOMM_AUTH_TOKEN, RESTCOMM_URL } = SERVICE_WITH_API_KEY
    expect(problemsOf({ RESTCOMM_URL, RESTCOMM_ACCOUNT_SID, API_KEY_HASHES: HASH })).toEqual([
      'RESTCOMM_ACCOUNT_SID is set but RESTCOMM_AUTH_TOKEN is not: set both or neither.',
    ])
    expect(problemsOf({ RESTCOMM_URL, RESTCOMM_AUTH_TOKEN })).toEqual([
      'RESTCOMM_AUTH_TOKEN is set but RESTCOMM_ACCOUNT_SID is not: set both or neither.',
    ])
  })

  it('configuration: RESTCOMM_ACCOUNT_SID and RESTCOMM_AUTH_TOKEN require RESTCOMM_URL', () => {
    expect(problemsOf({ ...SERVICE_WITH_API_KEY, RESTCOMM_URL: '' })).toEqual([
      'RESTCOMM_URL is not set: expected the URL of the server for RESTCOMM_ACCOUNT_SID and RESTCOMM_AUTH_TOKEN.',
    ])
  })

  it.each(['127.0.0.1', 'localhost', '::1', '0.0.0.0', '10.0.0.1', 'gateway.example.com'])(
    'configuration: RESTCOMM_ACCOUNT_SID requires client authentication, also on host %s',
    HOST => {
      expect(problemsOf({ ...SERVICE_CREDENTIALS, HOST })).toEqual([
        'RESTCOMM_ACCOUNT_SID is set without client authentication, so every client could use these credentials: set ' +
          'API_KEY_HASHES, or JWT_JWKS_URL with JWT_ISSUER and JWT_AUDIENCE, or remove RESTCOMM_ACCOUNT_SID and ' +
          'RESTCOMM_AUTH_TOKEN.',
      ])
      expect(problemsOf({ ...SERVICE_CREDENTIALS, HOST, API_KEY_HASHES: HASH })).toEqual([])
      expect(problemsOf({ ...SERVICE_CREDENTIALS, HOST, ...TOKEN_SETTINGS })).toEqual([])
    },
  )

  it.each([{ API_KEY_HASHES: HASH }, TOKEN_SETTINGS])(
    'configuration: RESTCOMM_ACCOUNT_SID and RESTCOMM_AUTH_TOKEN are required with %j',
    (clients: Record<string, string>) => {
      expect(problemsOf({ RESTCOMM_URL: URL_SET, ...clients })).toEqual([
        expect.stringMatching(/^(API_KEY_HASHES|JWT_JWKS_FILE) is set without credentials for Restcomm: /),
      ])
      expect(problemsOf(clients)).toEqual([])
    },
  )

  it.each(['0.0.0.0', '::'])(
    'configuration: RESTCOMM_ACCOUNT_SID is optional if clients send Restcomm credentials, on host %s',
    HOST => {
      expect(problemsOf({ RESTCOMM_URL: URL_SET, HOST })).toEqual([])
    },
  )
})

describe('client authentication settings', () => {
  it('configuration: API_KEY_HASHES must not contain the same hash twice', () => {
    expect(problemsOf({ ...SERVICE_CREDENTIALS, API_KEY_HASHES: `${HASH}=${SID},${HASH.toUpperCase()}` })).toEqual([
      'API_KEY_HASHES has the same hash in entries 1 and 2: expected a different hash for each client.',
    ])
  })

  it.each(['JWT_ISSUER', 'JWT_AUDIENCE'])('configuration: %s and a key source for tokens require each other', name => {
    expect(problemsOf({ ...SERVICE_CREDENTIALS, ...TOKEN_SETTINGS, [name]: '' })).toEqual([
      `JWT_JWKS_FILE is set but ${name} is not: set ${name}, so that tokens for other services are rejected.`,
    ])
    expect(problemsOf({ ...SERVICE_WITH_API_KEY, [name]: 'x' })).toEqual([
      `${name} is set without keys to verify tokens: set JWT_JWKS_URL or JWT_JWKS_FILE.`,
    ])
  })

  it('configuration: JWT_JWKS_URL and JWT_JWKS_FILE must not be set together', () => {
    expect(
      problemsOf({ ...SERVICE_CREDENTIALS, ...TOKEN_SETTINGS, JWT_JWKS_URL: 'https://id.example.com/keys' }),
    ).toEqual(['JWT_JWKS_URL and JWT_JWKS_FILE are both set: set only one of them.'])
  })

  it.each([
    ...['127.0.0.1', '127.1.2.3', 'localhost', '::1'].map(host => [host, true] as const),
    ...['0.0.0.0', '::', '10.0.0.1', 'localhost.example.com', '127.0.0.1.example.com'].map(
      host => [host, false] as const,
    ),
  ])('isLoopback(%j) is %s, so that JWT_JWKS_URL allows http for loopback hosts only', (host, expected) => {
    expect(isLoopback(host)).toBe(expected)
  })
})
