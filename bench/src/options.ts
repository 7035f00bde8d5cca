import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { UPSTREAMS, type UpstreamName } from './upstream/nginx.ts'
import { WORKLOADS, type WorkloadName } from './workloads.ts'

export const HELP = `npm run bench -- [options]

  --only Q1,Q3            these workloads
  --servers ours,ceiling  these servers
  --upstreams immediate   these upstreams: immediate, delayed
  --clients 1,32,128      so many at a time
  --seconds 3             how long a measurement takes
  --rounds 3              how often each is repeated
  --accounts 128          so many accounts are asked about in turn
  --smoke                 32 clients, one round, a second each, few servers
  --other 'node …/main.js'  another build of this gateway, or other flags for Node, as one more server
  --keep                  writes the table into README.md as well, in place of the last one
  --fail-on-goals         ends with an error where a goal is not reached
`

export interface Options {
  readonly workloads: readonly WorkloadName[]
  readonly servers: readonly string[]
  readonly upstreams: readonly UpstreamName[]
  readonly clients: readonly number[]
  readonly seconds: number
  readonly rounds: number
  readonly accounts: number
  readonly smoke: boolean
  /** The command that starts one more gateway like this one; null for none. */
  readonly other: string | null
  readonly keep: boolean
  readonly failOnGoals: boolean
  /** The server has a core of its own; its upstream and its clients share another. */
  readonly cores: { readonly server: number; readonly load: number }
}

export interface ServerNames {
  /** Those that are measured where nothing is said. */
  readonly all: readonly string[]
  readonly smoke: readonly string[]
  /** Those that are measured only where they are named. */
  readonly others?: readonly string[]
}

/** Throws a sentence where the command line is not understood. */
export const readOptions = (args: readonly string[], servers: ServerNames): Options => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      servers: { type: 'string' },
      upstreams: { type: 'string' },
      clients: { type: 'string' },
      seconds: { type: 'string' },
      rounds: { type: 'string' },
      accounts: { type: 'string' },
      keep: { type: 'boolean', default: false },
      other: { type: 'string' },
      smoke: { type: 'boolean', default: false },
      'fail-on-goals': { type: 'boolean', default: false },
    },
  })
  const { smoke } = values
  return {
    workloads: among('only', values.only, WORKLOADS),
    servers: serversOf(values.servers, smoke, servers),
    upstreams: among('upstreams', values.upstreams, UPSTREAMS),
    clients: (values.clients ?? (smoke ? '32' : '1,32,128')).split(',').map(text => whole('clients', text)),
    seconds: whole('seconds', values.seconds ?? (smoke ? '1' : '3')),
    rounds: whole('rounds', values.rounds ?? (smoke ? '1' : '3')),
    accounts: whole('accounts', values.accounts ?? (smoke ? '40' : '128')),
    smoke,
    other: values.other ?? null,
    keep: values.keep,
    failOnGoals: values['fail-on-goals'],
    cores: { server: 0, load: availableParallelism() > 1 ? 1 : 0 },
  }
}

const serversOf = (given: string | undefined, smoke: boolean, { all, smoke: few, others = [] }: ServerNames) => {
  if (given === undefined) return smoke ? few : all
  return among('servers', given, [...all, ...others])
}

const among = <N extends string>(option: string, given: string | undefined, names: readonly N[]): readonly N[] => {
  if (given === undefined) return names
  const asked = new Set(given.split(','))
  for (const name of asked) {
    if (!names.some(known => known === name)) {
      throw new Error(`--${option}: there is no ${name}; there are ${names.join(', ')}.`)
    }
  }
  return names.filter(name => asked.has(name))
}

const whole = (option: string, text: string): number => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${option}: ${text} is not a whole number from 1 on.`)
  return value
}
