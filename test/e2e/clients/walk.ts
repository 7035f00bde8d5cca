import { expect } from 'vitest'
import { accountOf, basic, conferenceOf, type TestGateway } from '../../support/gateway.ts'

/** The account whose list every client walks, and how. */
const ACCOUNT = 'conf137'
export const PAGE = 20
/** Requests that a walk of 137 takes in pages of 20. */
export const PAGES = 7
export const authorization = basic(ACCOUNT)
/** One conference of the list, to be refetched. */
export const ROOM = conferenceOf(`${ACCOUNT}/070`)

/** The SIDs as Restcomm lists them. */
export const truth = (gateway: TestGateway): string[] => {
  const sids = gateway.sandbox.rows
    .conferencesOf(accountOf(ACCOUNT).sid)
    .map(({ sid }) => sid)
    .toSorted()
  expect(sids).toHaveLength(137)
  return sids
}

/** What every client has to make of a list. */
export interface ConferenceList {
  readonly edges: readonly { readonly cursor?: string; readonly node: { readonly sid: string } }[]
  readonly pageInfo: {
    readonly hasNextPage: boolean
    readonly hasPreviousPage: boolean
    readonly startCursor?: string | null
    readonly endCursor?: string | null
  }
}

export const sidsOf = ({ edges }: Pick<ConferenceList, 'edges'>): string[] => edges.map(({ node }) => node.sid)

/** `fetch`, with a count of how often it was called. */
export const countingFetch = () => {
  let requests = 0
  const counted: typeof fetch = (...args) => {
    requests++
    return fetch(...args)
  }
  return { fetch: counted, requests: () => requests }
}

export interface Conference {
  readonly id: string
  readonly sid: string
  readonly friendlyName: string | null
}

/** What clients ask that write their queries themselves; Relay's are compiled. */
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
