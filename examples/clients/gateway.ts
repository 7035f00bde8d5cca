export const url = process.env.GRAPHQL_URL ?? 'http://localhost:4000/graphql'

const { ACCOUNT_SID, AUTH_TOKEN } = process.env
/** Without ACCOUNT_SID, requests have no credentials. This suits gateways with a service account, such as the demo. */
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

let pageNumber = 0
export function printPage(edges: Connection['edges']): void {
  pageNumber++
  process.stdout.write(`Page ${pageNumber}\n`)
  for (const { node } of edges) process.stdout.write(`  ${node.sid}  ${node.friendlyName ?? '-'}  (${node.status})\n`)
}
