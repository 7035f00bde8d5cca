#!/usr/bin/env node
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { HELP, parseCommandLine } from './parseCommandLine.ts'
import { type ProcessHost, SIGNALS } from './process/processHost.ts'

/** First release with `shouldUpgradeCallback` in `node:http`. Must match `engines` in package.json. */
const MIN_NODE_VERSION = '24.9'

const processHost: ProcessHost = {
  writeStdout: text => {
    process.stdout.write(text)
  },
  exitWithError: message => {
    process.stderr.write(`${message}\n`)
    process.exitCode = 1
  },
  exit: code => process.exit(code),
  onSignal: listener => {
    for (const signal of SIGNALS) process.on(signal, () => listener(signal))
  },
  onHangUp: listener => {
    process.on('SIGHUP', listener)
  },
  onUncaughtException: listener => {
    process.on('uncaughtException', listener)
  },
  onUnhandledRejection: listener => {
    process.on('unhandledRejection', listener)
  },
}
const { writeStdout, exitWithError } = processHost

function readVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return version
}

async function loadConfig() {
  const { ConfigError, readConfig } = await import('./config.ts')
  try {
    return readConfig(process.env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    exitWithError(error.problems.join('\n'))
    return null
  }
}

async function run(): Promise<void> {
  const command = parseCommandLine(process.argv.slice(2))
  switch (command.name) {
    case 'help':
      return writeStdout(HELP)
    case 'version':
      return writeStdout(`${readVersion()}\n`)
    case 'usage-error':
      return exitWithError(command.message)
    case 'sandbox': {
      const { serveSandbox } = await import('./process/sandboxServer.ts')
      return serveSandbox(command, command.port, processHost)
    }
  }
  const config = await loadConfig()
  if (config === null) return
  if (command.name !== 'schema') {
    const { validateTrustedDocuments } = await import('./graphql/limits/trustedDocuments.ts')
    const problem = validateTrustedDocuments(config)
    if (problem !== null) return exitWithError(problem)
  }
  switch (command.name) {
    case 'schema': {
      const { apiSdl, federationSdl } = await import('./graphql/schema.ts')
      return writeStdout((command.kind === 'api' ? apiSdl : federationSdl)(config.federation.node))
    }
    case 'check-config': {
      const { configSummary } = await import('./process/configSummary.ts')
      return writeStdout(`Configuration is valid.\n${configSummary(config, null)}`)
    }
    case 'serve': {
      const { serveByWorkers } = await import('./process/cluster/cluster.ts')
      return serveByWorkers(config, processHost, readVersion())
    }
  }
}

/** Returns the path of the dev dependency `node`. If the dependency is not installed, returns null. */
function findPinnedNode(): string | null {
  try {
    return createRequire(import.meta.url).resolve('node/bin/node')
  } catch {
    return null
  }
}

function isAtLeast(version: string, minimum: string): boolean {
  return version.localeCompare(minimum, 'en', { numeric: true }) >= 0
}

/** Runs the command line of this process with the binary `node`, because the current Node is too old. */
function respawn(node: string): void {
  const child = spawn(node, process.argv.slice(1), { stdio: 'inherit' })
  processHost.onSignal(signal => child.kill(signal))
  child.on('exit', code => {
    process.exitCode = code ?? 1
  })
}

if (isAtLeast(process.versions.node, MIN_NODE_VERSION)) {
  await run()
} else {
  const node = findPinnedNode()
  if (node === null) {
    exitWithError(`Node.js ${process.versions.node} is too old: expected ${MIN_NODE_VERSION} or later.`)
  } else respawn(node)
}
