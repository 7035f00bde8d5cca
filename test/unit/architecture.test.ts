import { describe, expect, it } from 'vitest'
import { codeOf, findCycle, type Import, importsOf, type Source, sourcesBelow } from '../support/imports.ts'

/**
 * The layers of `src/`, from top to bottom. A file imports from its own layer and from lower layers only. The longest
 * matching path decides the layer of a file, so that the files of one folder can belong to several layers.
 */
const LAYERS: readonly (readonly string[])[] = [
  ['main'],
  ['parseCommandLine'],
  ['process'],
  ['gateway'],
  ['http', 'websocket'],
  ['graphql/yoga'],
  ['graphql/plugins', 'graphql/limits'],
  ['graphql/execution'],
  ['graphql'],
  ['auth'],
  ['redis'],
  ['observability'],
  ['observability/metrics'],
  ['resolvers'],
  ['generated'],
  ['context'],
  ['commands'],
  ['loaders'],
  ['live/watchRegistry'],
  ['live/sharedWatch'],
  ['live/replicatedPoller'],
  ['live'],
  ['relay'],
  ['restcomm/client'],
  ['restcomm/paging/pagedList'],
  ['restcomm/resources'],
  ['restcomm/paging/readPage', 'restcomm/paging/count'],
  ['restcomm/authorizedHttp'],
  ['restcomm/upstreamState'],
  ['restcomm/paging', 'restcomm/cache'],
  ['restcomm/http'],
  ['restcomm'],
  ['config'],
  ['gatewaySecret', 'rowValidation', 'errorMapping', 'userInputError'],
  ['callerShares'],
  ['restcomm/errors', 'restcomm/cancellationToken', 'restcomm/recentCallers'],
  ['model'],
]

interface Area {
  readonly rule: string
  /** Folders and files, besides `COMMON`, whose values and types may be imported. Absent: all lower layers. */
  readonly uses?: readonly string[]
  /** Folders and files of which only types may be imported. */
  readonly types?: readonly string[]
  /** Packages and Node modules; `node:*` stands for all modules of Node. */
  readonly packages?: readonly string[]
}

/** Base files which all areas except `WITHOUT_COMMON` may import, within the rule of the layers. */
const COMMON = [
  'model',
  'errorMapping',
  'userInputError',
  'callerShares',
  'restcomm/errors',
  'restcomm/cancellationToken',
  'restcomm/recentCallers',
]

/**
 * Areas without `COMMON`: base files, which list each import; the sandbox, which is independent; and `restcomm`, which
 * must not import GraphQL errors.
 */
const WITHOUT_COMMON: ReadonlySet<string> = new Set([
  'sandbox',
  'model',
  'config',
  'parseCommandLine',
  'relay',
  'generated',
  'restcomm',
])

/** The parts of `src/` by the first segment of the path, with their imports beyond the rule of the layers. */
const AREAS: Readonly<Record<string, Area>> = {
  main: {
    rule: 'main imports the command line, the configuration, the process folder and the schema',
    uses: ['parseCommandLine', 'config', 'process', 'graphql'],
    packages: ['node:*'],
  },
  parseCommandLine: { rule: 'parseCommandLine imports no other file', uses: [], packages: ['node:util'] },
  process: {
    rule: 'process imports the gateway, its servers, its log and metrics, the summary of the configuration, and the sandbox',
    uses: ['gateway', 'http', 'observability', 'sandbox', 'config/configSummary'],
    types: ['config'],
    packages: ['pino', 'node:*'],
  },
  gateway: { rule: 'gateway, the composition root, imports any lower layer', packages: ['node:*', 'pino'] },
  http: {
    rule: 'http imports the GraphQL server, authentication and observability',
    uses: ['graphql', 'auth'],
    types: ['config', 'observability'],
    packages: ['graphql', '@graphql-tools/utils', '@graphql-yoga/render-graphiql', 'negotiator', 'node:*'],
  },
  websocket: {
    rule: 'websocket imports the GraphQL server, the limits of sockets in http, and observability',
    uses: ['graphql', 'http'],
    types: ['observability'],
    packages: ['graphql', '@graphql-tools/utils', 'graphql-ws', 'pino', 'ws', 'node:*'],
  },
  graphql: {
    rule: 'graphql imports the resolvers, authentication and observability',
    uses: ['resolvers', 'auth', 'observability'],
    types: ['config', 'context'],
    packages: [
      '@apollo/subgraph',
      '@graphql-tools/executor',
      '@graphql-tools/utils',
      '@graphql-yoga/plugin-defer-stream',
      '@opentelemetry/api',
      'graphql',
      'graphql-yoga',
      'lru-cache',
      'negotiator',
      'pino',
      'node:*',
    ],
  },
  auth: {
    rule: 'auth imports the types of the configuration and of repeated events, and the log of outages',
    uses: ['observability/outageLog'],
    types: ['config', 'observability/repeatedEvents'],
    packages: ['graphql', 'jose', 'lru-cache', 'pino', 'node:*'],
  },
  observability: {
    rule: 'observability imports the types of audit records and of the client of Restcomm',
    uses: [],
    types: ['commands', 'restcomm'],
    packages: ['graphql', 'pino', 'prom-client', '@opentelemetry/*', 'node:*'],
  },
  redis: {
    rule: 'redis implements interfaces of live and of the cache, and imports the log of outages',
    uses: ['live/replicaExchange', 'observability/outageLog', 'gatewaySecret', 'rowValidation'],
    types: ['restcomm/cache/memoryCache'],
    packages: ['ioredis', 'pino', 'node:crypto', 'node:events'],
  },
  resolvers: {
    // Resolvers read through the request context, so that they are tested without knowledge of the upstream.
    rule: 'resolvers import relay, the types of their context, and no folder that reads',
    uses: ['relay'],
    types: ['generated', 'context', 'live'],
    packages: ['@graphql-tools/utils', 'graphql'],
  },
  generated: {
    rule: 'generated types import types only',
    uses: [],
    types: ['context', 'model', 'relay', 'live', 'commands'],
    packages: ['graphql'],
  },
  context: {
    rule: 'context imports the loaders, commands, live streams and the client of Restcomm',
    uses: ['loaders', 'live', 'commands', 'restcomm'],
  },
  commands: {
    rule: 'commands import the types of loaders and of the client of Restcomm',
    uses: [],
    types: ['loaders', 'restcomm'],
  },
  loaders: {
    rule: 'loaders import relay and the types of the client of Restcomm',
    uses: ['relay'],
    types: ['restcomm'],
    packages: ['dataloader', '@opentelemetry/api'],
  },
  live: {
    rule: 'live imports the error class of GraphQL, the checks of rows, and the types of the client of Restcomm',
    uses: ['rowValidation'],
    types: ['restcomm'],
    packages: ['graphql'],
  },
  relay: {
    rule: 'relay is pure: no import of the model, of conferences or of HTTP',
    uses: ['userInputError'],
    packages: ['node:crypto'],
  },
  restcomm: {
    rule: 'restcomm, the only folder that knows the wire format, imports the model and no GraphQL',
    uses: ['model'],
    packages: ['undici', 'lru-cache', '@opentelemetry/api', 'node:crypto'],
  },
  config: {
    rule: 'config imports the model only',
    uses: ['model'],
    packages: ['node:fs', 'node:net', 'node:os', 'zod'],
  },
  errorMapping: {
    rule: 'errorMapping imports the error class of GraphQL',
    uses: [],
    packages: ['graphql'],
  },
  userInputError: { rule: 'userInputError imports the error class of GraphQL', uses: [], packages: ['graphql'] },
  rowValidation: {
    rule: 'rowValidation imports the model and the errors of unreadable values',
    uses: ['restcomm/errors'],
  },
  gatewaySecret: { rule: 'gatewaySecret imports no other file', uses: [], packages: ['node:crypto'] },
  callerShares: {
    rule: 'callerShares imports the errors and recent callers of Restcomm',
    uses: ['restcomm/recentCallers'],
  },
  model: { rule: 'model imports no other file', uses: [] },
  sandbox: {
    // Not even the model: the sandbox writes the names of the wire, and must not share a mistake of the model.
    rule: 'sandbox imports nothing of the gateway',
    uses: [],
    packages: ['node:*'],
  },
}

const areaOf = (file: string): string => file.replace(/\.ts$/, '').split('/', 1)[0] ?? ''

const isBelow = (path: string, file: string): boolean => file === `${path}.ts` || file.startsWith(`${path}/`)

function layerOf(file: string): number {
  let layer = -1
  let length = 0
  for (const [index, paths] of LAYERS.entries()) {
    for (const path of paths) {
      if (path.length > length && isBelow(path, file)) {
        layer = index
        length = path.length
      }
    }
  }
  return layer
}

const isUpward = ({ file, target }: Import): boolean =>
  target.endsWith('.ts') &&
  areaOf(file) !== 'sandbox' &&
  areaOf(target) !== 'sandbox' &&
  layerOf(target) < layerOf(file)

function isPackageOf({ packages = [] }: Pick<Area, 'packages'>, name: string): boolean {
  return packages.some(allowed => (allowed.endsWith('*') ? name.startsWith(allowed.slice(0, -1)) : name === allowed))
}

function isAllowed({ file, target, kind }: Import): boolean {
  const area = AREAS[areaOf(file)]
  if (area === undefined) return false
  if (!target.endsWith('.ts')) return isPackageOf(area, target)
  if (areaOf(target) === areaOf(file) || area.uses === undefined) return true
  const common = WITHOUT_COMMON.has(areaOf(file)) ? [] : COMMON
  const types = kind === 'type' ? (area.types ?? []) : []
  return [...common, ...area.uses, ...types].some(path => isBelow(path, target))
}

const describeImport = ({ file, target, kind }: Import): string => `${file} imports ${kind} ${target}`

const sources = sourcesBelow(new URL('../../src/', import.meta.url))
const imports = sources.flatMap(importsOf)

/** Files that use `process`, as a global or as a module. */
function filesUsingProcess(all: readonly Source[]): readonly string[] {
  return all
    .filter(source => {
      const byModule = importsOf(source).some(({ target }) => target === 'node:process' || target === 'process')
      const code = codeOf(source.text, { strings: false })
      return byModule || /(?<![\w$.])(?:globalThis\.)?process\b(?!\s*:)/.test(code)
    })
    .map(({ file }) => file)
}

function filesImporting(matches: (target: string) => boolean): readonly string[] {
  return [...new Set(imports.filter(({ target }) => matches(target)).map(({ file }) => file))]
}

describe('import rules of src/', () => {
  it('every file of src/ has an area and a layer', () => {
    const files = sources.map(({ file }) => file)
    expect(files.filter(file => !(areaOf(file) in AREAS))).toEqual([])
    expect(files.filter(file => areaOf(file) !== 'sandbox' && layerOf(file) === -1)).toEqual([])
  })

  it('every import that the rules of src/ allow is used', () => {
    const unused = Object.entries(AREAS).flatMap(([name, { uses = [], types = [], packages = [] }]) => {
      const targets = imports.filter(({ file }) => areaOf(file) === name).map(({ target }) => target)
      const paths = [...uses, ...types].filter(path => !targets.some(target => isBelow(path, target)))
      const modules = packages.filter(allowed => !targets.some(target => isPackageOf({ packages: [allowed] }, target)))
      return [...paths, ...modules].map(allowed => `${name}: ${allowed}`)
    })
    expect(unused).toEqual([])
  })

  it('imports in src/ run downward, between folders and inside folders', () => {
    expect(imports.filter(isUpward).map(describeImport)).toEqual([])
  })

  it.each(Object.entries(AREAS).map(([name, { rule }]) => ({ name, rule })))(
    'import rule of src/: $rule',
    ({ name }) => {
      const ofArea = imports.filter(({ file }) => areaOf(file) === name)
      expect(ofArea.filter(imported => !isAllowed(imported)).map(describeImport)).toEqual([])
    },
  )

  it('no chain of imports in src/ forms a cycle', () => {
    expect(findCycle(imports)).toBeNull()
  })

  it('only main.ts, the process folder and the measurement of the event loop use the global `process`', () => {
    const files = filesUsingProcess(sources)
    expect(
      files.filter(file => !['main', 'process'].includes(areaOf(file)) && file !== 'http/eventLoopLag.ts'),
    ).toEqual([])
  })

  it('only restcomm/http imports undici', () => {
    expect(filesImporting(target => target === 'undici').map(file => file.replace(/\/[^/]*$/, ''))).toEqual([
      'restcomm/http',
    ])
  })

  it('only graphql imports Yoga', () => {
    // The HTML page of GraphiQL runs without Yoga.
    const isYoga = (target: string) => /^(@graphql-yoga\/(?!render-graphiql$)|graphql-yoga$)/.test(target)
    expect([...new Set(filesImporting(isYoga).map(areaOf))]).toEqual(['graphql'])
  })

  it('only http/graphiql.ts imports the HTML page of GraphiQL', () => {
    expect(filesImporting(target => target === '@graphql-yoga/render-graphiql')).toEqual(['http/graphiql.ts'])
  })

  it('only gateway.ts loads the Redis client, by a dynamic import', () => {
    const into = imports.filter(({ file, target }) => areaOf(target) === 'redis' && areaOf(file) !== 'redis')
    const values = into.filter(({ kind }) => kind !== 'type')
    expect(values.map(describeImport)).toEqual(['gateway.ts imports dynamic redis/replicaServices.ts'])
    const clients = imports.filter(({ target, kind }) => target === 'ioredis' && kind !== 'type')
    expect([...new Set(clients.map(({ file }) => areaOf(file)))]).toEqual(['redis'])
  })

  it('only process/sandboxServer.ts loads the sandbox, by a dynamic import', () => {
    const into = imports.filter(({ file, target }) => areaOf(target) === 'sandbox' && areaOf(file) !== 'sandbox')
    expect([...new Set(into.map(describeImport))]).toEqual([
      'process/sandboxServer.ts imports dynamic sandbox/index.ts',
    ])
  })

  it('every file of src/ has a camelCase name', () => {
    const names = sources.flatMap(({ file }) => file.replace(/\.ts$/, '').split('/'))
    expect(names.filter(name => !/^[a-z][a-zA-Z0-9]*$/.test(name))).toEqual([])
  })
})

describe('layout of test/', () => {
  const tests = sourcesBelow(new URL('../', import.meta.url))
    .map(({ file }) => file)
    .filter(file => !file.includes('__generated__'))
  const mirrored = new Set([
    ...sources.map(({ file }) => file),
    ...sourcesBelow(new URL('../../scripts/', import.meta.url)).map(({ file }) => `scripts/${file}`),
    ...tests.filter(file => file.startsWith('support/')),
  ])

  it('every unit test has the path of the tested file, with an optional suffix for a part of the file', () => {
    const unitTests = tests.filter(file => /^unit\/.*\.test\.ts$/.test(file) && file !== 'unit/architecture.test.ts')
    const isMirror = (file: string) => {
      const path = file.replace('unit/', '').replace('.test.ts', '')
      return [...mirrored].some(source => path.startsWith(source.replace(/\.ts$/, '')))
    }
    expect(unitTests.filter(file => !isMirror(file))).toEqual([])
  })

  it('no two test files share a name', () => {
    const names = tests.map(file => file.split('/').at(-1) ?? '')
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
  })
})

describe('importsOf', () => {
  const scan = (file: string, text: string) => importsOf({ file, text })

  it.each([
    ["import { a } from '../model.ts'", 'value', 'model.ts', ['a']],
    ["import a, { b as c, type D } from 'undici'", 'value', 'undici', ['b', 'D']],
    ["import * as all from './page.ts'", 'value', 'restcomm/page.ts', []],
    ["import {\n  a,\n  b,\n} from './page.ts'", 'value', 'restcomm/page.ts', ['a', 'b']],
    ["import './page.ts'", 'value', 'restcomm/page.ts', []],
    ["import type { A } from '../model.ts'", 'type', 'model.ts', ['A']],
    ["export { a } from '../model.ts'", 'value', 'model.ts', ['a']],
    ["export * from '../model.ts'", 'value', 'model.ts', []],
    ["export type { A } from '../model.ts'", 'type', 'model.ts', ['A']],
    ["const a = await import('../sandbox/index.ts')", 'dynamic', 'sandbox/index.ts', []],
    ['const a = await import(`../sandbox/index.ts`)', 'dynamic', 'sandbox/index.ts', []],
    ["/** Not 'an import. */\nimport { a } from '../model.ts' // nor 'here", 'value', 'model.ts', ['a']],
  ])('importsOf finds the import in %j', (text, kind, target, names) => {
    expect(scan('restcomm/client.ts', text)).toEqual([{ file: 'restcomm/client.ts', target, kind, names }])
  })

  it.each([
    "// import { a } from 'undici'",
    "/*\nimport { a } from 'undici'\n*/",
    "export const a = 'import'\nexport const b = from('undici')",
  ])('importsOf finds no import in %j', text => {
    expect(scan('restcomm/client.ts', text)).toEqual([])
  })

  it.each([
    ['relay/cursor.ts', "import { Conference } from '../model.ts'"],
    ['relay/cursor.ts', "import type { Page } from '../restcomm/paging/readPage.ts'"],
    ['model.ts', "import type { Page } from './restcomm/paging/readPage.ts'"],
    ['restcomm/client.ts', "import { GraphQLError } from 'graphql'"],
    ['restcomm/client.ts', "import { toClientError } from '../errorMapping.ts'"],
    ['loaders/loaders.ts', "import { readCall } from '../restcomm/resources/calls.ts'"],
    ['resolvers/rootTypes.ts', "import type { Client } from '../restcomm/client.ts'"],
    ['errorMapping.ts', "import { readPage } from './restcomm/paging/readPage.ts'"],
    ['process/runGateway.ts', "import { readConfig } from '../config.ts'"],
    ['sandbox/sandbox.ts', "import type { Conference } from '../model.ts'"],
    ['unknown/file.ts', "import { a } from './other.ts'"],
  ])('the rules of the areas reject an import of %s: %j', (file, text) => {
    expect(scan(file, text).map(isAllowed)).toEqual([false])
  })

  it.each([
    ['restcomm/http/httpClient.ts', "import type { AuthorizedHttp } from '../authorizedHttp.ts'"],
    ['live/replicatedPoller.ts', "import { SharedWatch } from './sharedWatch.ts'"],
    ['graphql/limits/rateLimit.ts', "import { createYoga } from '../yoga.ts'"],
    ['loaders/loaders.ts', "import type { Context } from '../context.ts'"],
  ])('the rule of the layers rejects an upward import of %s: %j', (file, text) => {
    expect(scan(file, text).map(isUpward)).toEqual([true])
  })

  it.each([
    'process.exit(1)',
    'const { env } = process',
    'globalThis.process.env',
    "import { env } from 'node:process'",
    "import process from 'process'",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the text is the source of a file.
    'const a = `${process.pid}`',
  ])('filesUsingProcess finds the use in %j', text => {
    expect(filesUsingProcess([{ file: 'errorMapping.ts', text }])).toEqual(['errorMapping.ts'])
  })

  it.each(['// the process', "say('the process')", 'queue.process()', 'const processes = 2'])(
    'filesUsingProcess finds no use in %j',
    text => {
      expect(filesUsingProcess([{ file: 'errorMapping.ts', text }])).toEqual([])
    },
  )

  it('findCycle finds a cycle through several files', () => {
    const files = { 'a.ts': "import './b.ts'", 'b.ts': "import type { C } from './c.ts'", 'c.ts': "import './a.ts'" }
    const all = Object.entries(files).flatMap(([file, text]) => importsOf({ file, text }))
    expect(findCycle(all)).toEqual(['a.ts', 'b.ts', 'c.ts', 'a.ts'])
    expect(findCycle(all.filter(({ kind }) => kind !== 'type'))).toBeNull()
  })
})
