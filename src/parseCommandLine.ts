import { parseArgs } from 'node:util'

export const HELP = `A GraphQL gateway for Restcomm.

Usage: restcomm-graphql [COMMAND] [OPTIONS]

Commands:
  (none)                              start the gateway at http://HOST:PORT/graphql
  sandbox [--rows FILE] [--port N]    start only the embedded sandbox, with the data of a JSON file or with demo data
          [--faults FILE]             and with the failures described in a JSON file
          [--seed N] [--speed N]      with the demo data of a seed (default 1), and callers simulated at a multiple of
                                      real time (default 0: no callers)
  schema [--api | --federation]       print the GraphQL schema for clients (default) or for a federation registry

Options:
  --check-config    validate the configuration and print a summary, without starting the gateway
  -h, --help        print this help
  -v, --version     print the version

Settings are environment variables; see docs/settings.md. Without RESTCOMM_URL the gateway uses the embedded sandbox.
`

export function parseCommandLine(args: readonly string[]) {
  try {
    return parse(args)
  } catch (error) {
    // No command accepts positional arguments with a leading "-", so Node's advice about them is removed.
    return usageError(error instanceof Error ? (error.message.split(/\n|\. To specify/)[0] ?? '') : String(error))
  }
}

function parse(args: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean', short: 'v' },
      'check-config': { type: 'boolean' },
      api: { type: 'boolean' },
      federation: { type: 'boolean' },
      rows: { type: 'string' },
      faults: { type: 'string' },
      port: { type: 'string' },
      seed: { type: 'string' },
      speed: { type: 'string' },
    },
  })
  const [name, ...more] = positionals
  if (values.help) return { name: 'help' } as const
  if (values.version) return { name: 'version' } as const
  if (more.length > 0) return usageError(`'${more[0]}' is unexpected: expected at most one command`)
  const allowed = name === 'sandbox' ? SANDBOX_OPTIONS : name === 'schema' ? ['api', 'federation'] : ['check-config']
  const disallowed = Object.keys(values).find(option => !allowed.includes(option))
  if (disallowed !== undefined) {
    return usageError(`--${disallowed} is not an option of ${name === undefined ? 'the gateway' : `'${name}'`}`)
  }
  switch (name) {
    case undefined:
      return { name: values['check-config'] ? 'check-config' : 'serve' } as const
    case 'sandbox':
      return parseSandbox(values)
    case 'schema':
      if (values.api && values.federation)
        return usageError('--api and --federation are both given: expected at most one of the two')
      return { name, kind: values.federation ? 'federation' : 'api' } as const
    default:
      return usageError(`'${name}' is not a command: expected 'sandbox', 'schema' or no command`)
  }
}

const SANDBOX_OPTIONS = ['rows', 'faults', 'port', 'seed', 'speed']
const MAX_PORT = 65_535
const MAX_SEED = 2_147_483_647

function parseSandbox(values: Readonly<Partial<Record<string, string | boolean>>>) {
  const { rows = null, faults = null, port = '0', seed = '1', speed = '0' } = values as Record<string, string>
  if (rows === '') return usageError('--rows is empty: expected a file name')
  if (faults === '') return usageError('--faults is empty: expected a file name')
  if (!isInteger(port, MAX_PORT)) return usageError(`--port is '${port}': expected an integer from 0 to ${MAX_PORT}`)
  if (!isInteger(seed, MAX_SEED)) return usageError(`--seed is '${seed}': expected an integer from 0 to ${MAX_SEED}`)
  if (!/^\d+(\.\d+)?$/.test(speed)) return usageError(`--speed is '${speed}': expected a decimal number`)
  const numbers = { port: Number(port), seed: Number(seed), speed: Number(speed) }
  return { name: 'sandbox', rows, faults, ...numbers } as const
}

function isInteger(text: string, max: number): boolean {
  return /^\d+$/.test(text) && Number(text) <= max
}

function usageError(message: string) {
  return { name: 'usage-error', message: `${message.replace(/\.$/, '')}; see --help.` } as const
}
