import type { GraphiQLOptions } from 'graphql-yoga'
import type { Entrance } from './authentication/authenticator.ts'

/** In lines as long as the editor shows them on a small screen, and an answer of which several rooms fit on it. */
const QUERY = `# Conferences that are on, and two callers of each.
# Ctrl+Enter runs it. The book on the left has every
# field, with what it means.
query Rooms {
  viewer {
    friendlyName
  }
  conferences(
    first: 10
    filter: { status: RUNNING_MODERATOR_PRESENT }
  ) {
    totalCount
    nodes {
      friendlyName
      dateCreated
      participants(first: 2) {
        totalCount
        nodes {
          muted
          call {
            from
            callerName
          }
        }
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`

const HEADERS = {
  Basic: 'Basic <AccountSid:AuthToken in base64>',
  Bearer: 'Bearer <API key or token>',
}

/** The page that explores the graph. Where a request has to bring credentials, a header shows where they go. */
export const graphiqlOptions = (entrance: Entrance): GraphiQLOptions => ({
  title: 'Restcomm GraphQL',
  defaultQuery: QUERY,
  defaultEditorToolsVisibility: entrance === 'open' ? false : 'headers',
  ...(entrance !== 'open' && { headers: JSON.stringify({ Authorization: HEADERS[entrance] }, null, 2) }),
})
