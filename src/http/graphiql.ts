import { createHash } from 'node:crypto'
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { GraphiQLOptions } from 'graphql-yoga'
import type { Entrance } from '../auth/authenticator.ts'

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

/** Answers a browser with a page. */
export type HtmlPage = (response: ServerResponse) => Promise<void>

/**
 * The page that explores the graph. Where a request has to bring credentials, a header shows where they go.
 *
 * Its one script runs because it is that script: nothing that finds its way into the page can run, load or send
 * anything elsewhere. Monaco, its editor, writes styles as it goes, and has its workers from the script itself.
 */
export const graphiqlPage = (entrance: Entrance): HtmlPage => {
  // It is large, and not everybody looks at it: until somebody does, it is not even loaded.
  let made: Promise<Zipped> | undefined
  // One for all who want it as it is: each of them would hold megabytes of its own for as long as it takes to read them.
  let unzipped: Promise<Buffer> | undefined
  return async response => {
    made ??= zippedPage(entrance)
    const { zipped, headers } = await made.catch(error => {
      // Whoever looks next may be luckier.
      made = undefined
      throw error
    })
    if (takesGzip(response.req.headers['accept-encoding'])) {
      response.writeHead(200, { ...headers, 'content-encoding': 'gzip', 'content-length': zipped.length }).end(zipped)
    } else {
      unzipped ??= unzip(zipped)
      const html = await unzipped
      response.writeHead(200, { ...headers, 'content-length': html.length }).end(html)
    }
  }
}

const takesGzip = (accepted: unknown): boolean =>
  typeof accepted === 'string' && /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(accepted)

interface Zipped {
  readonly zipped: Buffer
  readonly headers: OutgoingHttpHeaders
}

const zip = promisify(gzip)
const unzip = promisify(gunzip)

const zippedPage = async (entrance: Entrance): Promise<Zipped> => {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql')
  const html = renderGraphiQL(graphiqlOptions(entrance))
  return { zipped: await zip(html), headers: headersOf(html) }
}

const graphiqlOptions = (entrance: Entrance): GraphiQLOptions => ({
  title: 'Restcomm GraphQL',
  defaultQuery: QUERY,
  defaultEditorToolsVisibility: entrance === 'open' ? false : 'headers',
  ...(entrance !== 'open' && { headers: JSON.stringify({ Authorization: HEADERS[entrance] }, null, 2) }),
})

const headersOf = (html: string): OutgoingHttpHeaders => ({
  'content-type': 'text/html; charset=utf-8',
  vary: 'Origin, Accept-Encoding',
  'cache-control': 'no-store',
  'content-security-policy': policy(html),
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
})

const policy = (html: string): string => {
  const scripts = [...html.matchAll(/<script>(.*?)<\/script>/gs)].map(
    ([, script = '']) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  )
  return [
    "default-src 'none'",
    `script-src ${scripts.join(' ')}`,
    "style-src 'unsafe-inline'",
    'worker-src blob:',
    "connect-src 'self'",
    "img-src 'self' data:",
    'font-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}
