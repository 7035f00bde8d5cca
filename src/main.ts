#!/usr/bin/env node
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { HELP, parseCommandLine } from './cli.ts'
import { type Host, SIGNALS } from './process/host.ts'

/** As in `engines` of package.json: from there on an HTTP server can leave alone what asks to become something else. */
const MINIMUM_NODE = '24.9'

const host: Host = {
  say: text => {
    process.stdout.write(text)
  },
  fail: sentence => {
    process.stderr.write(`${sentence}\n`)
    process.exitCode = 1
  },
  exit: code => process.exit(code),
  onSignal: told => {
    for (const signal of SIGNALS) process.on(signal, () => told(signal))
  },
  onHangUp: told => {
    process.on('SIGHUP', told)
  },
  onUncaughtException: thrown => {
    process.on('uncaughtException', thrown)
  },
  onUnhandledRejection: rejected => {
    process.on('unhandledRejection', rejected)
  },
}
const { say, fail } = host

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

const run = async (): Promise<void> => {
  const command = parseCommandLine(process.argv.slice(2))
  switch (command.name) {
    case 'help':
      return say(HELP)
    case 'version':
      return say(`${version()}\n`)
    case 'mistake':
      return fail(command.message)
    case 'sandbox': {
      const { serveEmbedded } = await import('./process/sandboxServer.ts')
      return serveEmbedded(command, command.port, host)
    }
  }
  const config = await loadConfig()
  if (config === null) return
  if (command.name !== 'schema') {
    const { problemOfDocuments } = await import('./graphql/limits/validateTrustedDocuments.ts')
    const problem = problemOfDocuments(config)
    if (problem !== null) return fail(problem)
  }
  switch (command.name) {
    case 'schema': {
      const { apiSdl, federationSdl } = await import('./graphql/schema.ts')
      return say((command.kind === 'api' ? apiSdl : federationSdl)(config.federation.node))
    }
    case 'check-config': {
      const { summary } = await import('./process/startupBanner.ts')
      return say(`The settings are right.\n${summary(config, null)}`)
    }
    case 'serve': {
      const { serveByWorkers } = await import('./process/cluster/cluster.ts')
      return serveByWorkers(config, host, version())
    }
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

const isAtLeast = (version: string, minimum: string): boolean =>
  version.localeCompare(minimum, 'en', { numeric: true }) >= 0

/** Under a Node that is too old, starts again under the pinned one, so that a fresh checkout works on any machine. */
const runAgain = (node: string): void => {
  const child = spawn(node, process.argv.slice(1), { stdio: 'inherit' })
  host.onSignal(signal => child.kill(signal))
  child.on('exit', code => {
    process.exitCode = code ?? 1
  })
}

if (isAtLeast(process.versions.node, MINIMUM_NODE)) {
  await run()
} else {
  const node = pinnedNode()
  if (node === null) fail(`restcomm-graphql needs Node.js ${MINIMUM_NODE} or later; this is ${process.versions.node}.`)
  else runAgain(node)
}
