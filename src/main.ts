#!/usr/bin/env node
import cluster from 'node:cluster'
import { readFileSync } from 'node:fs'
import nodeModule from 'node:module'
import { availableParallelism } from 'node:os'
import type { Config } from './config.ts'
import { HELP, parseCommandLine } from './parseCommandLine.ts'
import { exitWithError } from './process/shutdown.ts'

/** First release with `shouldUpgradeCallback` in `node:http`. Must match `engines` in package.json. */
const MIN_NODE_VERSION = '24.9'

function readVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return version
}

async function run(): Promise<void> {
  // Starts after the first, also of workers, take about a fifth less CPU time.
  nodeModule.enableCompileCache()
  const command = parseCommandLine(process.argv.slice(2))
  switch (command.name) {
    case 'help':
      return writeToStdout(HELP)
    case 'version':
      return writeToStdout(`${readVersion()}\n`)
    case 'usage-error':
      return exitWithError(command.message)
    case 'sandbox': {
      const { serveSandbox } = await import('./process/sandboxServer.ts')
      return serveSandbox(command)
    }
  }
  const { readConfig } = await import('./config.ts')
  const config = readConfig(process.env)
  if (command.name !== 'schema') {
    const { validateTrustedDocuments } = await import('./graphql/plugins/useTrustedDocuments.ts')
    const problem = validateTrustedDocuments(config)
    if (problem !== null) return exitWithError(problem)
  }
  switch (command.name) {
    case 'schema': {
      const { apiSdl, federationSdl } = await import('./graphql/schema.ts')
      return writeToStdout((command.kind === 'api' ? apiSdl : federationSdl)(config.federation))
    }
    case 'check-config': {
      const { configSummary } = await import('./config/configSummary.ts')
      return writeToStdout(`Configuration is valid.\n${configSummary(config, null)}`)
    }
    case 'serve':
      return serve(config)
  }
}

/** Serves in the current process, or in several workers, whose primary is the started process. */
async function serve(config: Config): Promise<void> {
  const { count } = config.workers
  const size = count === 'auto' ? availableParallelism() : count
  if (size > 1) {
    // Without a listener, the process would end. A closed terminal sends SIGHUP to all processes.
    process.on('SIGHUP', () => undefined)
    if (cluster.isPrimary) {
      const { runPrimary } = await import('./process/primary.ts')
      return runPrimary(size, config)
    }
  }
  const { runGateway } = await import('./process/runGateway.ts')
  return runGateway(config, readVersion(), size > 1 ? (cluster.worker ?? null) : null)
}

function writeToStdout(text: string): void {
  process.stdout.write(text)
}

const isTooOld = process.versions.node.localeCompare(MIN_NODE_VERSION, 'en', { numeric: true }) < 0
if (isTooOld) exitWithError(`Node.js ${process.versions.node} is too old: expected ${MIN_NODE_VERSION} or later.`)
else {
  await run().catch(error => {
    // By name, because an old Node.js cannot load the class.
    if (error.name !== 'ConfigError') throw error
    exitWithError(error.message)
  })
}
