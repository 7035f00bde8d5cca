#!/usr/bin/env node
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { createRequire } from 'node:module'
import { HELP, parseCommandLine } from './commandLine.ts'

/** The packages that this is built on need it. */
const MINIMUM_NODE = 22

const say = (text: string): void => {
  process.stdout.write(text)
}

/** Ends the process, once it has nothing left to do, with a sentence that says why. */
const fail = (sentence: string): void => {
  process.stderr.write(`${sentence}\n`)
  process.exitCode = 1
}

const version = (): string => {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return version
}

const loadConfig = async () => {
  const { ConfigError, readConfig } = await import('./config.ts')
  try {
    return readConfig(process.env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    fail(error.problems.join('\n'))
    return null
  }
}

type Config = NonNullable<Awaited<ReturnType<typeof loadConfig>>>

const run = async (): Promise<void> => {
  const command = parseCommandLine(process.argv.slice(2))
  switch (command.name) {
    case 'help':
      return say(HELP)
    case 'version':
      return say(`${version()}\n`)
    case 'mistake':
      return fail(command.message)
    case 'schema': {
      const config = await loadConfig()
      if (config === null) return
      const { apiSdl, federationSdl } = await import('./server/sdl.ts')
      return say((command.kind === 'api' ? apiSdl : federationSdl)(config.federation.node))
    }
    case 'sandbox':
      return sandbox(command.rows, command.port)
    case 'check-config': {
      const config = await loadConfig()
      return config === null
        ? undefined
        : say(`The settings are right.\n${describe(config, config.restcomm.url ?? 'the embedded sandbox')}`)
    }
    case 'serve': {
      const config = await loadConfig()
      return config === null ? undefined : serve(config)
    }
  }
}

const describe = (config: Config, restcomm: string): string => {
  const own = config.service?.accountSid ?? (config.restcomm.url === null ? 'the demo account,' : null)
  const account =
    own === null ? "the caller's own: each request brings its credentials" : `${own} for ${clientsOf(config)}`
  return `  Restcomm  ${restcomm}\n  account   ${account}\n`
}

/** Who may use the gateway's own credentials. */
const clientsOf = ({ authentication: { apiKeys, tokens } }: Config): string => {
  const shown = [...(apiKeys.length > 0 ? ['an API key'] : []), ...(tokens === null ? [] : ['a token'])]
  return shown.length === 0 ? 'requests without credentials' : `whoever shows ${shown.join(' or ')}`
}

const serve = async (config: Config): Promise<void> => {
  const [{ createGateway }, { createLog }, { ListenError, listen }, { startTracing }] = await Promise.all([
    import('./server/gateway.ts'),
    import('./server/log.ts'),
    import('./server/listen.ts'),
    import('./server/tracing/start.ts'),
  ])
  const log = createLog(config.log.level)
  const tracing = await startTracing(config.tracing, log)
  const embedded = config.restcomm.url === null ? await startEmbedded(config) : null
  const gateway = createGateway({
    restcommUrl: config.restcomm.url ?? embedded?.url ?? '',
    ownCredentials: config.service ?? embedded?.credentials ?? null,
    config,
    log,
    tracing,
  })
  const close = async () => {
    await gateway.close()
    await embedded?.close()
    await tracing?.close()
  }
  try {
    const operator = await listenForOperators(config, gateway.operate)
    const { port, stop } = await listen(gateway, config.http)
    const host = ['127.0.0.1', '0.0.0.0', '::', '::1'].includes(config.http.host) ? 'localhost' : config.http.host
    say(`restcomm-graphql ${version()}\n`)
    say(describe(config, embedded === null ? (config.restcomm.url ?? '') : `the embedded sandbox, at ${embedded.url}`))
    say(
      `  GraphQL   http://${host}:${port}/graphql${config.http.graphiql ? ' (open it in a browser to explore)' : ''}\n`,
    )
    onceStopped(async () => {
      await gateway.drain()
      await stop()
      await operator?.stop()
      await close()
    })
  } catch (error) {
    if (!(error instanceof ListenError)) throw error
    fail(error.message)
    await close()
  }
}

/** Where metrics have a port of their own, that one; null where they are served beside the graph. */
const listenForOperators = async ({ metrics }: Config, handle: RequestListener) => {
  if (metrics.port === null) return null
  const { listen } = await import('./server/listen.ts')
  const settings = { host: 'METRICS_HOST', port: 'METRICS_PORT' }
  return listen({ handle }, { host: metrics.host, port: metrics.port, settings })
}

const startEmbedded = async (config: Config) => {
  const { animate, demoCredentials, demoRows, startSandbox } = await import('./sandbox/index.ts')
  const { seed, speed } = config.sandbox
  const sandbox = await startSandbox({ rows: demoRows(seed) })
  const animation = speed > 0 ? animate(sandbox.rows, { seed, speed }) : null
  return {
    url: sandbox.url,
    credentials: demoCredentials,
    close: () => {
      animation?.stop()
      return sandbox.close()
    },
  }
}

const sandbox = async (file: string | null, port: number): Promise<void> => {
  const { demoCredentials, demoRows, parseRows, RowsError, startSandbox } = await import('./sandbox/index.ts')
  try {
    const rows = file === null ? demoRows() : parseRows(readFileSync(file, 'utf8'))
    const running = await startSandbox({ rows, port })
    say(`An embedded Restcomm, at ${running.url}\n`)
    if (file === null) say(`  account   ${demoCredentials.accountSid}\n  token     ${demoCredentials.authToken}\n`)
    onceStopped(() => running.close())
  } catch (error) {
    const { code, syscall, message } = error as NodeJS.ErrnoException
    if (error instanceof RowsError) fail(`${file}: ${error.message}`)
    else if (code === 'EADDRINUSE') fail(`Cannot listen on port ${port}: something else listens there already.`)
    else if (code === 'ENOENT') fail(`There is no file ${file}.`)
    else if (syscall === 'open' || syscall === 'read') fail(`Cannot read ${file}: ${message}.`)
    else if (syscall === 'listen') fail(`Cannot listen on port ${port}: ${message}.`)
    else throw error
  }
}

/** How long what is under way may take to end once the process is told to. Milliseconds. */
const STOPPING = 12_000

const onceStopped = (stop: () => Promise<void>): void => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      setTimeout(() => process.exit(0), STOPPING).unref()
      void stop().then(() => process.exit(0))
    })
  }
}

/** Where this package's own development pins a Node, that one; null where it is installed without. */
const pinnedNode = (): string | null => {
  try {
    return createRequire(import.meta.url).resolve('node/bin/node')
  } catch {
    return null
  }
}

/** Under a Node that is too old, starts again under the pinned one, so that a fresh checkout works on any machine. */
const runAgain = (node: string): void => {
  const child = spawn(node, process.argv.slice(1), { stdio: 'inherit' })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => child.kill(signal))
  child.on('exit', code => {
    process.exitCode = code ?? 1
  })
}

if (Number.parseInt(process.versions.node, 10) >= MINIMUM_NODE) {
  await run()
} else {
  const node = pinnedNode()
  if (node === null) fail(`restcomm-graphql needs Node.js ${MINIMUM_NODE} or later; this is ${process.versions.node}.`)
  else runAgain(node)
}
