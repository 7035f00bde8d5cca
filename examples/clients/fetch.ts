import { type Connection, headers, printPage, url } from './gateway.ts'

// Requests pages by plain `fetch`, without a client library, until `hasNextPage` is false.

const query = `
  query Conferences($first: Int!, $after: String) {
    conferences(first: $first, after: $after) {
      edges { node { sid friendlyName status } }
      pageInfo { hasNextPage endCursor }
    }
  }
`

interface Answer {
  readonly data?: { readonly conferences: Connection | null }
  readonly errors?: readonly { readonly message: string }[]
}

let after: string | null | undefined
do {
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables: { first: 10, after } }),
  })
  const { data, errors } = (await response.json()) as Answer
  if (!data?.conferences) throw new Error(errors?.map(({ message }) => message).join('\n'))
  const { edges, pageInfo } = data.conferences
  printPage(edges)
  after = pageInfo.hasNextPage ? pageInfo.endCursor : null
} while (after)
