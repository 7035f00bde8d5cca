/** Where the gateway is. */
export const url = process.env.GRAPHQL_URL ?? 'http://localhost:4000/graphql'

const { ACCOUNT_SID, AUTH_TOKEN } = process.env
/** Who asks. A gateway that has credentials of its own, as the demo does, needs none. */
export const headers: Record<string, string> =
  ACCOUNT_SID === undefined ? {} : { authorization: `Basic ${btoa(`${ACCOUNT_SID}:${AUTH_TOKEN}`)}` }

export interface Conference {
  readonly sid: string
  readonly status: string
  readonly friendlyName?: string | null | undefined
}
export interface Connection {
  readonly edges: readonly { readonly node: Conference }[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor?: string | null | undefined }
}

let pages = 0
export const printPage = (edges: Connection['edges']): void => {
  pages++
  process.stdout.write(`Page ${pages}\n`)
  for (const { node } of edges) process.stdout.write(`  ${node.sid}  ${node.friendlyName ?? '-'}  (${node.status})\n`)
}
