import type { Gateway } from './gateway.ts'

/** How many conferences a page has. */
export const PAGE = 50

export interface Page {
  readonly nodes: readonly { readonly sid: string }[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
}

/** Asks for one page, with these variables. */
export type Ask = (variables: object) => Promise<Page>

const QUERY = `query($first: Int, $last: Int, $after: String) {
  conferences(first: $first, last: $last, after: $after) { nodes { sid status } pageInfo { hasNextPage endCursor } }
}`

export const askFor =
  (gateway: Gateway, authorization: string): Ask =>
  async variables => {
    const headers = { authorization, 'content-type': 'application/json' }
    const body = JSON.stringify({ query: QUERY, variables })
    const answer = await (await fetch(gateway.url, { method: 'POST', headers, body })).json()
    const { data } = answer as { data?: { conferences: Page } }
    if (data === undefined) throw new Error(`The gateway refuses a page: ${JSON.stringify(answer)}`)
    return data.conferences
  }
