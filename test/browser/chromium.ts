import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { chromium, type Page } from 'playwright-core'

const EXECUTABLE = process.env.CHROMIUM_PATH || '/usr/bin/chromium'

/** A Chromium browser with access to 127.0.0.1 only. */
export interface Chromium {
  /** Opens a page in a new browser context, without cookies and storage of earlier pages. */
  open(url: string, options?: OpenOptions): Promise<OpenPage>
  close(): Promise<void>
}

export interface OpenOptions {
  /** Ignores the Content-Security-Policy. */
  readonly bypassCSP?: boolean
}

export interface OpenPage {
  readonly page: Page
  /** URLs of all requests of the page and its workers, as reported by the DevTools protocol. */
  readonly requests: readonly string[]
  /** Requests to external hosts, as received by the proxy. */
  readonly externalRequests: readonly string[]
  /** Console errors and warnings, and uncaught errors. */
  readonly consoleErrors: readonly string[]
  close(): Promise<void>
}

export async function startChromium(): Promise<Chromium> {
  if (!existsSync(EXECUTABLE)) {
    throw new Error(
      `The Chromium executable ${EXECUTABLE} does not exist. Install Debian's chromium package or set CHROMIUM_PATH.`,
    )
  }
  const browser = await chromium.launch({
    executablePath: EXECUTABLE,
    // Chromium's sandbox needs privileges which containers rarely have. The browser opens only pages of the gateway.
    chromiumSandbox: false,
    args: [
      '--disable-gpu',
      '--disable-quic',
      // Chromium sends each input field to Google; such a request would count as a request of the page.
      '--disable-features=AutofillServerCommunication',
    ],
  })

  const open = async (url: string, { bypassCSP = false }: OpenOptions = {}): Promise<OpenPage> => {
    const proxy = await startRejectingProxy()
    const context = await browser.newContext({
      bypassCSP,
      viewport: { width: 1440, height: 900 },
      reducedMotion: 'reduce',
      proxy: { server: proxy.url, bypass: '127.0.0.1' },
    })
    const requests: string[] = []
    const consoleErrors: string[] = []
    context.on('request', request => requests.push(request.url()))
    context.on('console', message => {
      if (['error', 'warning'].includes(message.type())) consoleErrors.push(message.text())
    })
    context.on('weberror', failure => consoleErrors.push(String(failure.error())))
    const page = await context.newPage()
    await page.goto(url)
    const close = async () => {
      await context.close()
      proxy.close()
    }
    return { page, requests, externalRequests: proxy.requests, consoleErrors, close }
  }

  return { open, close: () => browser.close() }
}

/** Starts a proxy that records all requests and answers with 502. */
async function startRejectingProxy() {
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    response.writeHead(502).end()
  })
  server.on('connect', (request, socket) => {
    requests.push(`CONNECT ${request.url}`)
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    requests,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
