import type { Gateway } from './gateway.ts'

export const PAGE = 50

export interface Page {
  readonly nodes: readonly { readonly sid: string }[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
}

export type ReadPage = (variables: object) => Promise<Page>

const QUERY = `query($first: Int, $last: Int, $after: String) {
  conferences(first: $first, last: $last, after: $after) { nodes { sid status } pageInfo { hasNextPage endCursor } }
}`

export function createPageReader(gateway: Gateway, authorization: string): ReadPage {
  return async variables => {
    const headers = { authorization, 'content-type': 'application/json' }
    const body = JSON.stringify({ query: QUERY, variables })
    const result = await (await fetch(gateway.url, { method: 'POST', headers, body })).json()
    const { data } = result as { data?: { conferences: Page } }
    if (data === undefined) throw new Error(`The gateway returned no page: ${JSON.stringify(result)}`)
    return data.conferences
  }
}
