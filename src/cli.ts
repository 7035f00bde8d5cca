import { parseArgs } from 'node:util'

/** What the process was asked to do. */
type Command =
  | { readonly name: 'serve' }
  | { readonly name: 'sandbox'; readonly rows: string | null; readonly faults: string | null; readonly port: number }
  | { readonly name: 'schema'; readonly kind: 'api' | 'federation' }
  | { readonly name: 'check-config' }
  | { readonly name: 'help' }
  | { readonly name: 'version' }
  /** A sentence that says what is wrong with the command line. */
  | { readonly name: 'mistake'; readonly message: string }

export const HELP = `A GraphQL gateway for Restcomm.

Usage: restcomm-graphql [COMMAND]

Commands:
  (none)                              serve the graph at http://HOST:PORT/graphql
  sandbox [--rows FILE] [--port N]    serve the embedded Restcomm alone, with these rows (a JSON file) or with its own
          [--faults FILE]             … and let it fail as this JSON file says
  schema [--api | --federation]       print the schema: as clients see it (the default), or for a federation registry

Options:
  --check-config    say whether the settings are right, and what they mean, without serving
  --help            print this
  --version         print the version

Settings are environment variables; the README has them all. Without RESTCOMM_URL the embedded sandbox is asked.
`

/** Reads the arguments after the name of the program. */
export const parseCommandLine = (args: readonly string[]): Command => {
  try {
    return parse(args)
  } catch (error) {
    // Node's sentence, without its advice on how to pass what looks like an option.
    return mistake(error instanceof Error ? (error.message.split(/\n|\. To specify/)[0] ?? '') : String(error))
  }
}

const parse = (args: readonly string[]): Command => {
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
    },
  })
  const [name, ...more] = positionals
  if (values.help) return { name: 'help' }
  if (values.version) return { name: 'version' }
  if (more.length > 0) return mistake(`'${more[0]}' is one argument too many.`)
  const allowed =
    name === 'sandbox' ? ['rows', 'faults', 'port'] : name === 'schema' ? ['api', 'federation'] : ['check-config']
  const stray = Object.keys(values).find(option => !allowed.includes(option))
  if (stray !== undefined) return mistake(`--${stray} does not go with ${name ?? 'serving'}.`)
  switch (name) {
    case undefined:
      return { name: values['check-config'] ? 'check-config' : 'serve' }
    case 'sandbox':
      return sandbox(values.rows, values.faults, values.port)
    case 'schema':
      if (values.api && values.federation) return mistake('Give --api or --federation, not both.')
      return { name, kind: values.federation ? 'federation' : 'api' }
    default:
      return mistake(`There is no command '${name}'.`)
  }
}

const sandbox = (rows: string | undefined, faults: string | undefined, port: string | undefined): Command => {
  const number = Number(port ?? 0)
  if (port !== undefined && !(/^\d+$/.test(port) && number <= 65_535)) {
    return mistake(`--port must be a whole number from 0 to 65535, and not '${port}'.`)
  }
  if (rows === '') return mistake('--rows must name a file.')
  if (faults === '') return mistake('--faults must name a file.')
  return { name: 'sandbox', rows: rows ?? null, faults: faults ?? null, port: number }
}

const mistake = (message: string): Command => ({
  name: 'mistake',
  message: `${message.replace(/\.$/, '')}; see --help.`,
})
