import type { UpstreamName } from '../upstream/nginx.ts'
import type { Variables, WorkloadName } from '../workloads.ts'

/** A server under test, as the rig starts, asks and reads it. */
export interface ServerKind {
  readonly name: string
  /** For whoever reads the table. */
  readonly title: string
  /** What it can be asked. */
  readonly workloads: readonly WorkloadName[]
  /** Runs once, before it is started: builds what has to be built. `folder` is its own. */
  prepare?(folder: string, upstreams: Readonly<Record<UpstreamName, string | null>>): Promise<void>
  command(where: Where): Command
  /** The body of the POST that asks a workload's question. */
  body(workload: WorkloadName, variables: Variables): string
  /** `data` as this gateway would have answered it, from the text of an answer. */
  data(text: string, workload: WorkloadName, variables: Variables): unknown
}

export interface Where {
  readonly port: number
  readonly upstream: UpstreamName
  /** Up to and including `/restcomm`. */
  readonly upstreamUrl: string
  /** Of the server's own. */
  readonly folder: string
}

export interface Command {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

interface Answer {
  readonly data?: unknown
  readonly errors?: readonly unknown[]
}

/** `data` of a GraphQL answer. Throws where it has errors. */
export const dataOf = (text: string): unknown => {
  const { data, errors } = JSON.parse(text) as Answer
  if (errors !== undefined) throw new Error(`The answer has errors: ${text.slice(0, 500)}`)
  return data
}
