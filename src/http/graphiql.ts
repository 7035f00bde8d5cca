import { createHash } from 'node:crypto'
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { renderGraphiQL } from '@graphql-yoga/render-graphiql'
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

const AUTHORIZATION_EXAMPLES = {
  basic: 'Basic <AccountSid:AuthToken in base64>',
  bearer: 'Bearer <API key or token>',
}

export type GraphiqlHandler = (response: ServerResponse) => Promise<void>

/**
 * The content security policy allows scripts only by hash, so that injected scripts cannot run. The editor (Monaco)
 * needs inline styles and `blob:` workers.
 */
export function createGraphiqlHandler(authMode: AuthMode): GraphiqlHandler {
  // The first request renders the page, because rendering would slow down the start.
  let page: Promise<CompressedPage> | undefined
  // All responses without gzip share a buffer. Slow clients would keep separate buffers in memory.
  let uncompressed: Promise<Buffer> | undefined
  return async response => {
    page ??= renderPage(authMode)
    const { compressed, headers } = await page.catch(error => {
      page = undefined
      throw error
    })
    if (acceptsGzip(response.req.headers['accept-encoding'])) {
      response
        .writeHead(200, { ...headers, 'content-encoding': 'gzip', 'content-length': compressed.length })
        .end(compressed)
    } else {
      uncompressed ??= gunzipAsync(compressed)
      const html = await uncompressed
      response.writeHead(200, { ...headers, 'content-length': html.length }).end(html)
    }
  }
}

function acceptsGzip(acceptEncoding: unknown): boolean {
  return typeof acceptEncoding === 'string' && /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(acceptEncoding)
}

type GraphiqlOptions = NonNullable<Parameters<typeof renderGraphiQL>[0]>

interface CompressedPage {
  readonly compressed: Buffer
  readonly headers: OutgoingHttpHeaders
}

const gzipAsync = promisify(gzip)
const gunzipAsync = promisify(gunzip)

async function renderPage(authMode: AuthMode): Promise<CompressedPage> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql')
  const html = renderGraphiQL(graphiqlOptions(authMode))
  return { compressed: await gzipAsync(html), headers: pageHeaders(html) }
}

function graphiqlOptions(authMode: AuthMode): GraphiqlOptions {
  return {
    title: 'Restcomm GraphQL',
    defaultQuery: DEFAULT_QUERY,
    defaultEditorToolsVisibility: authMode === 'anonymous' ? false : 'headers',
    ...(authMode !== 'anonymous' && {
      headers: JSON.stringify({ Authorization: AUTHORIZATION_EXAMPLES[authMode] }, null, 2),
    }),
  }
}

function pageHeaders(html: string): OutgoingHttpHeaders {
  return {
    'content-type': 'text/html; charset=utf-8',
    vary: 'Origin, Accept-Encoding',
    'cache-control': 'no-store',
    'content-security-policy': contentSecurityPolicy(html),
    'referrer-policy': 'no-referrer',
    'x-frame-options': 'DENY',
    'cross-origin-opener-policy': 'same-origin',
  }
}

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
