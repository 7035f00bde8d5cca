import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { UPSTREAMS, type UpstreamName } from './upstream/nginx.ts'
import { WORKLOADS, type WorkloadName } from './workloads.ts'

export const HELP = `npm run bench -- [options]

  --only Q1,Q3              workloads (default: all)
  --servers ours,ceiling    servers (default: all but the upTo-… servers)
  --upstreams immediate     upstreams: immediate, delayed (default: both)
  --clients 1,32,128        numbers of concurrent clients (default: 1,32,128)
  --seconds 3               duration of a measurement (default: 3)
  --rounds 3                repetitions of each measurement (default: 3)
  --accounts 128            number of accounts, queried in turn (default: 128)
  --smoke                   32 clients, 1 round of 1 s, 40 accounts, 3 servers
  --other 'node …/main.js'  measures a different build of the gateway as well
  --keep                    replaces the results in README.md
  --fail-on-goals           exit code 1 if a goal is missed
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
  /** Command line of a different build of the gateway. */
  readonly other: string | null
  readonly keep: boolean
  readonly failOnGoals: boolean
  /** CPU core numbers. The measured server runs on `server`, nginx and wrk run on `load`. */
  readonly cores: { readonly server: number; readonly load: number }
}

export interface ServerNames {
  readonly all: readonly string[]
  readonly smoke: readonly string[]
  /** These servers are measured only if `--servers` names them. */
  readonly optional?: readonly string[]
}

export function readOptions(args: readonly string[], servers: ServerNames): Options {
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
    workloads: parseNames('only', values.only, WORKLOADS),
    servers: parseServers(values.servers, smoke, servers),
    upstreams: parseNames('upstreams', values.upstreams, UPSTREAMS),
    clients: (values.clients ?? (smoke ? '32' : '1,32,128'))
      .split(',')
      .map(text => parsePositiveInteger('clients', text)),
    seconds: parsePositiveInteger('seconds', values.seconds ?? (smoke ? '1' : '3')),
    rounds: parsePositiveInteger('rounds', values.rounds ?? (smoke ? '1' : '3')),
    accounts: parsePositiveInteger('accounts', values.accounts ?? (smoke ? '40' : '128')),
    smoke,
    other: values.other ?? null,
    keep: values.keep,
    failOnGoals: values['fail-on-goals'],
    cores: { server: 0, load: availableParallelism() > 1 ? 1 : 0 },
  }
}

function parseServers(value: string | undefined, isSmoke: boolean, { all, smoke, optional = [] }: ServerNames) {
  if (value === undefined) return isSmoke ? smoke : all
  return parseNames('servers', value, [...all, ...optional])
}

function parseNames<N extends string>(option: string, value: string | undefined, names: readonly N[]): readonly N[] {
  if (value === undefined) return names
  const given = new Set(value.split(','))
  for (const name of given) {
    if (!names.some(known => known === name)) {
      throw new Error(`--${option}: "${name}" is unknown; expected ${names.join(', ')}.`)
    }
  }
  return names.filter(name => given.has(name))
}

function parsePositiveInteger(option: string, text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${option} is "${text}": expected a positive integer.`)
  return value
}
