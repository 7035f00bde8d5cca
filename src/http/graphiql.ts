import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import Negotiator from 'negotiator'
import type { AuthMode } from '../auth/authenticator.ts'

/** The lines fit small screens. The query selects few fields, so that a screen shows several conferences. */
const DEFAULT_QUERY = `# Running conferences, with two callers of each.
# Press Ctrl+Enter to run the query. The book icon on
# the left opens the documentation of all fields.
query RunningConferences {
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

const AUTHORIZATION_EXAMPLES: Readonly<Record<AuthMode, string | null>> = {
  anonymous: null,
  basic: 'Basic <AccountSid:AuthToken in base64>',
  bearer: 'Bearer <API key or token>',
}

const gzipAsync = promisify(gzip)
const gunzipAsync = promisify(gunzip)

export type GraphiqlHandler = (response: ServerResponse) => Promise<void>

/** All responses share the buffers of the page. Slow clients would keep separate buffers in memory. */
export function createGraphiqlHandler(authMode: AuthMode): GraphiqlHandler {
  // The first request renders the page, because rendering would slow down the start.
  let page: ReturnType<typeof renderPage> | undefined
  // The uncompressed page has several megabytes, and most clients accept gzip.
  let uncompressed: Promise<Buffer> | undefined
  return async response => {
    page ??= renderPage(authMode)
    const { compressed, headers } = await page.catch(error => {
      page = undefined
      throw error
    })
    if (new Negotiator(response.req).encoding(['gzip', 'identity']) === 'gzip') {
      response.setHeader('content-encoding', 'gzip')
      response.writeHead(200, { ...headers, 'content-length': compressed.length }).end(compressed)
    } else {
      uncompressed ??= gunzipAsync(compressed)
      const html = await uncompressed
      response.writeHead(200, { ...headers, 'content-length': html.length }).end(html)
    }
  }
}

async function renderPage(authMode: AuthMode) {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql')
  const authorization = AUTHORIZATION_EXAMPLES[authMode]
  const html = renderGraphiQL({
    title: 'Restcomm GraphQL',
    defaultQuery: DEFAULT_QUERY,
    ...(authorization === null
      ? { defaultEditorToolsVisibility: false }
      : {
          defaultEditorToolsVisibility: 'headers',
          headers: JSON.stringify({ Authorization: authorization }, null, 2),
        }),
  })
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    vary: 'Origin, Accept-Encoding',
    'cache-control': 'no-store',
    'content-security-policy': contentSecurityPolicy(html),
    'referrer-policy': 'no-referrer',
    'x-frame-options': 'DENY',
    'cross-origin-opener-policy': 'same-origin',
  }
  return { compressed: await gzipAsync(html), headers }
}

/**
 * Allows scripts only by hash, so that injected scripts cannot run. The editor (Monaco) needs inline styles and `blob:`
 * workers.
 */
function contentSecurityPolicy(html: string): string {
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
