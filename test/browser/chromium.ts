import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { chromium, type Page } from 'playwright-core'

const EXECUTABLE = process.env.CHROMIUM_PATH || '/usr/bin/chromium'

/** A Chromium whose pages reach 127.0.0.1 and nothing else. */
export interface Chromium {
  /** Opens a page in a profile of its own: nothing is remembered from another. */
  open(url: string, options?: OpenOptions): Promise<OpenPage>
  close(): Promise<void>
}

export interface OpenOptions {
  /** Lets the page do what its Content-Security-Policy forbids. */
  readonly bypassCSP?: boolean
}

export interface OpenPage {
  readonly page: Page
  /** The URL of every request that the page and its workers made, as the browser's inspector tells it. */
  readonly requests: readonly string[]
  /** What went to another host, whatever part of the page it came from; none of it was answered. */
  readonly elsewhere: readonly string[]
  /** Errors and warnings on the page's console, and errors that nobody caught. */
  readonly complaints: readonly string[]
  close(): Promise<void>
}

export const startChromium = async (): Promise<Chromium> => {
  if (!existsSync(EXECUTABLE)) {
    throw new Error(`There is no ${EXECUTABLE}. Install Debian's chromium, or name yours in CHROMIUM_PATH.`)
  }
  const browser = await chromium.launch({
    executablePath: EXECUTABLE,
    // Chromium's sandbox needs rights that containers rarely have; the only pages in it are the gateway's.
    chromiumSandbox: false,
    args: [
      '--disable-gpu',
      '--disable-quic',
      // Chromium asks Google about each input field that it sees, which is not the page's doing.
      '--disable-features=AutofillServerCommunication',
    ],
  })

  const open = async (url: string, { bypassCSP = false }: OpenOptions = {}): Promise<OpenPage> => {
    const wall = await startWall()
    const context = await browser.newContext({
      bypassCSP,
      viewport: { width: 1440, height: 900 },
      reducedMotion: 'reduce',
      proxy: { server: wall.url, bypass: '127.0.0.1' },
    })
    const requests: string[] = []
    const complaints: string[] = []
    context.on('request', request => requests.push(request.url()))
    context.on('console', message => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
    })
    context.on('weberror', failure => complaints.push(String(failure.error())))
    const page = await context.newPage()
    await page.goto(url)
    const close = async () => {
      await context.close()
      wall.close()
    }
    return { page, requests, elsewhere: wall.asked, complaints, close }
  }

  return { open, close: () => browser.close() }
}

/** A proxy that notes what it is asked for and gives none of it. */
const startWall = async () => {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    response.writeHead(502).end()
  })
  server.on('connect', (request, socket) => {
    asked.push(`CONNECT ${request.url}`)
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    asked,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
