import { describe, expect, it } from 'vitest'
import { codeOf, cycleIn, type Import, importsOf, type Source, sourcesBelow } from '../support/imports.ts'

interface Room {
  readonly holds: string
  /** Rooms, or single files of rooms, of which values may be imported; types as well. */
  readonly uses?: readonly string[]
  /** Those of which types alone may be imported. */
  readonly types?: readonly string[]
  /** Packages and modules of Node. `node:*` stands for all of these. */
  readonly packages?: readonly string[]
}

/** The rooms of the house, from the door to the cellar. Stairs lead down only; a file finds its own room's in any case. */
const ROOMS: Readonly<Record<string, Room>> = {
  main: {
    // `commandLine` is the pure half of main, apart so that it can be tested by table.
    holds: 'main knows the command line, the settings, what the process may do, and what the schema decides',
    uses: ['commandLine', 'config', 'process', 'server/sdl', 'server/limits/problemOfDocuments'],
    packages: ['node:*'],
  },
  process: {
    // Apart from main, which alone touches the process: what it may do with it comes as a `Host`.
    holds: 'what the process does while it lives knows the settings, the server, Redis and the sandbox',
    uses: ['server', 'redis', 'sandbox'],
    types: ['config'],
    packages: ['node:*'],
  },
  commandLine: { holds: 'the command line is read by itself', packages: ['node:util'] },
  config: { holds: 'the settings are read by themselves', packages: ['node:fs', 'node:net', 'zod'] },
  server: {
    holds: 'the server knows the schema, the context and the errors, and of the settings their types',
    uses: ['schema', 'context', 'errors', 'trace'],
    // What happens upstream is counted here, so the interface of who is told of it is known.
    types: ['config', 'redis', 'restcomm/observer'],
    packages: [
      'graphql',
      'graphql-yoga',
      '@graphql-tools/executor',
      '@graphql-tools/utils',
      '@graphql-yoga/*',
      'graphql-ws',
      'graphql-ws/*',
      'jose',
      'lru-cache',
      'pino',
      'prom-client',
      'rate-limiter-flexible',
      'ws',
      '@opentelemetry/*',
      'node:*',
    ],
  },
  schema: {
    holds: 'the schema is made of the SDL and the resolvers',
    uses: ['federation', 'resolvers'],
    types: ['generated'],
    packages: ['@apollo/subgraph', 'graphql', 'node:fs'],
  },
  federation: { holds: 'what other subgraphs are shown follows from the SDL alone', packages: ['graphql'] },
  resolvers: {
    // What they read comes with the context, so they are tested, and moved, without knowing where it is from.
    holds: 'resolvers know the generated types, the rules of Relay and the model, and nothing that reads',
    uses: ['relay', 'model'],
    types: ['generated'],
    packages: ['graphql'],
  },
  generated: {
    holds: 'the generated types know types only',
    types: ['context', 'model', 'relay', 'live', 'moderation'],
    packages: ['graphql'],
  },
  context: {
    holds: 'the context puts loaders, watches and Restcomm together',
    uses: ['loaders', 'live', 'moderation', 'restcomm', 'trace'],
    types: ['model'],
  },
  loaders: {
    holds: 'loaders know the rules of Relay and the model, and of Restcomm its types',
    uses: ['relay', 'model'],
    types: ['restcomm', 'trace'],
    packages: ['dataloader'],
  },
  live: {
    holds: 'watches know the rules of Relay and the model, and of Restcomm its types',
    // Reads are given up in the same way by whoever waits for them, in whichever room.
    uses: ['relay', 'model', 'shapes', 'restcomm/cancellation'],
    types: ['restcomm'],
  },
  redis: {
    // Watches and rows say what they need of other replicas; this room is one way to give it, and they do not know it.
    holds: 'the room that knows Redis knows of watches and rows the interfaces that it implements',
    types: ['live/exchange', 'restcomm/sharedRows'],
    packages: ['ioredis', '@graphql-yoga/redis-event-target', 'node:crypto'],
  },
  moderation: {
    // Beside the loaders, which it makes forget what it has changed; its reason to be is in docs/decisions.
    holds: 'moderation knows the model, and of the loaders and Restcomm their types',
    uses: ['model'],
    types: ['loaders', 'restcomm'],
  },
  errors: {
    holds: 'the table of errors knows the failures of Restcomm and the errors of GraphQL',
    uses: ['restcomm/errors'],
    packages: ['graphql'],
  },
  restcomm: {
    holds: 'the room that knows the wire knows the model, and no GraphQL',
    uses: ['model', 'shapes', 'trace'],
    packages: ['cockatiel', 'undici', 'lru-cache', 'node:crypto', 'node:timers/promises'],
  },
  relay: {
    // A fingerprint binds a cursor to its list; hashing is pure, so Node's own does no harm here.
    holds: 'the rules of Relay know the error of GraphQL, a hash, and nothing of conferences or HTTP',
    packages: ['graphql', 'node:crypto'],
  },
  model: { holds: 'the model knows nothing' },
  shapes: { holds: 'what the model looks like from outside follows from the model alone', uses: ['model'] },
  trace: { holds: 'what is told of the work that is done knows nothing of who is told' },
  sandbox: {
    // Not even the model: it writes the wire's names, and a mistake in the model must not hide in it too.
    holds: 'the sandbox knows nothing of the gateway',
    packages: ['node:*'],
  },
}

const roomOf = (file: string): string => file.replace(/\.ts$/, '').split('/', 1)[0] ?? ''

const isPackageOf = (room: Room, name: string): boolean =>
  (room.packages ?? []).some(allowed =>
    allowed.endsWith('*') ? name.startsWith(allowed.slice(0, -1)) : name === allowed,
  )

const isAmong = (targets: readonly string[] | undefined, target: string): boolean =>
  (targets ?? []).some(allowed => target === `${allowed}.ts` || target.startsWith(`${allowed}/`))

const isAllowed = ({ file, target, kind }: Import): boolean => {
  const room = ROOMS[roomOf(file)]
  if (room === undefined) return false
  if (!target.endsWith('.ts')) return isPackageOf(room, target)
  if (roomOf(target) === roomOf(file)) return true
  return isAmong(room.uses, target) || (kind === 'type' && isAmong(room.types, target))
}

const sentence = ({ file, target, kind }: Import): string => `${file} imports ${kind} ${target}`

const sources = sourcesBelow(new URL('../../src/', import.meta.url))
const imports = sources.flatMap(importsOf)

/** Files that touch `process`, by its name or by its module. */
const touchingProcess = (all: readonly Source[]): readonly string[] =>
  all
    .filter(source => {
      const byModule = importsOf(source).some(({ target }) => target === 'node:process' || target === 'process')
      return byModule || /(?<![\w$.])(?:globalThis\.)?process\b(?!\s*:)/.test(codeOf(source.text, { texts: false }))
    })
    .map(({ file }) => file)

const filesImporting = (isIt: (target: string) => boolean): readonly string[] => [
  ...new Set(imports.filter(({ target }) => isIt(target)).map(({ file }) => file)),
]

describe('import rules', () => {
  it('have a line for every file and folder of the source', () => {
    expect(sources.map(({ file }) => file).filter(file => !(roomOf(file) in ROOMS))).toEqual([])
  })

  it.each(Object.entries(ROOMS).map(([name, { holds }]) => ({ name, holds })))('$holds', ({ name }) => {
    const ofRoom = imports.filter(({ file }) => roomOf(file) === name)
    expect(ofRoom.filter(imported => !isAllowed(imported)).map(sentence)).toEqual([])
  })

  it('only main touches the process', () => {
    expect(touchingProcess(sources)).toEqual(['main.ts'])
  })

  it('only restcomm/http.ts knows undici', () => {
    expect(filesImporting(target => target === 'undici')).toEqual(['restcomm/http.ts'])
  })

  it('only the server knows Yoga', () => {
    // The event target comes from the same house, and knows nothing of servers.
    const isYoga = (target: string) => /^(@graphql-yoga\/(?!redis-event-target$)|graphql-yoga$)/.test(target)
    const rooms = filesImporting(isYoga).map(roomOf)
    expect([...new Set(rooms)]).toEqual(['server'])
  })

  it('Redis is loaded by the process alone, and only when it is wanted', () => {
    const into = imports.filter(({ file, target }) => roomOf(target) === 'redis' && roomOf(file) !== 'redis')
    const values = into.filter(({ kind }) => kind !== 'type')
    expect(values.map(sentence)).toEqual(['process/serving.ts imports dynamic redis/shared.ts'])
    const clients = imports.filter(({ target, kind }) => target === 'ioredis' && kind !== 'type')
    expect([...new Set(clients.map(({ file }) => roomOf(file)))]).toEqual(['redis'])
  })

  it('relay takes nothing of graphql but its error', () => {
    const taken = imports.filter(({ file, target }) => roomOf(file) === 'relay' && target === 'graphql')
    expect([...new Set(taken.flatMap(({ names }) => names))]).toEqual(['GraphQLError'])
  })

  it('the sandbox is loaded by one file of the process alone, and only when it is wanted', () => {
    const into = imports.filter(({ file, target }) => roomOf(target) === 'sandbox' && roomOf(file) !== 'sandbox')
    expect([...new Set(into.map(sentence))]).toEqual(['process/embedded.ts imports dynamic sandbox/index.ts'])
  })

  it('no file comes back to itself by its imports', () => {
    expect(cycleIn(imports)).toBeNull()
  })
})

describe('the scanner of imports', () => {
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
    ["/** Not 'this. */\nimport { a } from '../model.ts' // nor that's", 'value', 'model.ts', ['a']],
  ])('finds %j', (text, kind, target, names) => {
    expect(scan('restcomm/client.ts', text)).toEqual([{ file: 'restcomm/client.ts', target, kind, names }])
  })

  it.each([
    "// import { a } from 'undici'",
    "/*\nimport { a } from 'undici'\n*/",
    "export const a = 'import'\nexport const b = from('undici')",
  ])('finds nothing in %j', text => {
    expect(scan('restcomm/client.ts', text)).toEqual([])
  })

  it.each([
    ['relay/window.ts', "import { Conference } from '../model.ts'"],
    ['relay/window.ts', "import type { Page } from '../restcomm/page.ts'"],
    ['model.ts', "import type { Page } from './restcomm/page.ts'"],
    ['restcomm/page.ts', "import { GraphQLError } from 'graphql'"],
    ['loaders/call.ts', "import { readCall } from '../restcomm/calls.ts'"],
    ['resolvers/call.ts', "import type { Client } from '../restcomm/client.ts'"],
    ['errors.ts', "import { readPage } from './restcomm/page.ts'"],
    ['server/gateway.ts', "import { readConfig } from '../config.ts'"],
    ['server/gateway.ts', "const sandbox = await import('../sandbox/index.ts')"],
    ['sandbox/sandbox.ts', "import type { Conference } from '../model.ts'"],
    ['attic/box.ts', "import { a } from './lid.ts'"],
  ])('sees that %s may not say %j', (file, text) => {
    expect(scan(file, text).map(isAllowed)).toEqual([false])
  })

  it.each([
    'process.exit(1)',
    'const { env } = process',
    'globalThis.process.env',
    "import { env } from 'node:process'",
    "import process from 'process'",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the source of a file.
    'const a = `${process.pid}`',
  ])('sees that %j touches the process', text => {
    expect(touchingProcess([{ file: 'errors.ts', text }])).toEqual(['errors.ts'])
  })

  it.each(['// the process', "say('the process')", 'queue.process()', 'const processes = 2'])(
    'sees that %j does not touch the process',
    text => {
      expect(touchingProcess([{ file: 'errors.ts', text }])).toEqual([])
    },
  )

  it('finds a way round through several files', () => {
    const files = { 'a.ts': "import './b.ts'", 'b.ts': "import type { C } from './c.ts'", 'c.ts': "import './a.ts'" }
    const all = Object.entries(files).flatMap(([file, text]) => importsOf({ file, text }))
    expect(cycleIn(all)).toEqual(['a.ts', 'b.ts', 'c.ts', 'a.ts'])
    expect(cycleIn(all.filter(({ kind }) => kind !== 'type'))).toBeNull()
  })
})
