import { expect } from 'vitest'
import { accountOf, basic, conferenceOf, type TestGateway } from '../../support/gateway.ts'

const ACCOUNT = 'conf137'
export const PAGE_SIZE = 20
/** Pages of the list of 137 conferences. */
export const PAGE_COUNT = 7
export const authorization = basic(ACCOUNT)
/** SID of a conference in the list. */
export const CONFERENCE_SID = conferenceOf(`${ACCOUNT}/070`)

/** The SIDs of all conferences, in the order of Restcomm. */
export function expectedSids(gateway: TestGateway): string[] {
  const sids = gateway.sandbox.rows
    .conferencesOf(accountOf(ACCOUNT).sid)
    .map(({ sid }) => sid)
    .toSorted()
  expect(sids).toHaveLength(137)
  return sids
}

/** The list as returned by each client library. */
export interface ConferenceList {
  readonly edges: readonly { readonly cursor?: string; readonly node: { readonly sid: string } }[]
  readonly pageInfo: {
    readonly hasNextPage: boolean
    readonly hasPreviousPage: boolean
    readonly startCursor?: string | null
    readonly endCursor?: string | null
  }
}

export function sidsOf({ edges }: Pick<ConferenceList, 'edges'>): string[] {
  return edges.map(({ node }) => node.sid)
}

/** A `fetch` function with a count of its calls. */
export function countingFetch() {
  let requestCount = 0
  const counted: typeof fetch = (...args) => {
    requestCount++
    return fetch(...args)
  }
  return { fetch: counted, requestCount: () => requestCount }
}

export interface Conference {
  readonly id: string
  readonly sid: string
  readonly friendlyName: string | null
}

/** The queries for Apollo Client and urql. Relay compiles its queries. */
export const CONFERENCES_QUERY = `
  query Conferences($first: Int, $after: String, $last: Int, $before: String) {
    conferences(first: $first, after: $after, last: $last, before: $before) {
      edges { cursor node { id sid friendlyName } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`
export const NODE_QUERY = `
  query Conference($id: ID!) {
    node(id: $id) { id ... on Conference { sid friendlyName } }
  }
`
