import type { UpstreamName } from '../upstream/nginx.ts'
import type { Variables, WorkloadName } from '../workloads.ts'

/** Defines how to start a measured server, send the queries of a workload and read the responses. */
export interface ServerDefinition {
  readonly name: string
  /** Row title in the report. */
  readonly title: string
  readonly workloads: readonly WorkloadName[]
  /** Builds or installs the server, once before the first start. Only this server uses `folder`. */
  prepare?(folder: string, upstreams: Readonly<Record<UpstreamName, string | null>>): Promise<void>
  command(context: LaunchContext): Command
  body(workload: WorkloadName, variables: Variables): string
  /** Converts a response body to the `data` which the gateway would return. */
  data(text: string, workload: WorkloadName, variables: Variables): unknown
}

export interface LaunchContext {
  readonly port: number
  readonly upstream: UpstreamName
  /** Includes the path `/restcomm`. */
  readonly upstreamUrl: string
  /** Folder for files of the server. */
  readonly folder: string
}

export interface Command {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

interface GraphqlResponse {
  readonly data?: unknown
  readonly errors?: readonly unknown[]
}

/** Extracts `data`; throws if the response has errors. */
export function graphqlData(text: string): unknown {
  const { data, errors } = JSON.parse(text) as GraphqlResponse
  if (errors !== undefined) throw new Error(`The response has errors: ${text.slice(0, 500)}`)
  return data
}

export function graphqlBodies(operations: Readonly<Record<WorkloadName, string>>) {
  return (workload: WorkloadName, variables: object): string =>
    JSON.stringify({ query: operations[workload], operationName: workload, variables })
}
