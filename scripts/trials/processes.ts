import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Child processes and temporary folders of the trials. All end with this process. */

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const START_TIMEOUT_MS = 120_000
const KEPT_LOG_LINES = 200

const cleanUps = new Set<() => void>()

/** Calls `cleanUp` at the end of this process, unless the returned function is called before. */
export function atExit(cleanUp: () => void): () => void {
  cleanUps.add(cleanUp)
  return () => cleanUps.delete(cleanUp)
}

process.on('exit', () => {
  for (const cleanUp of cleanUps) cleanUp()
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1))

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'restcomm-graphql-trial-'))
  atExit(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export interface GatewayProcess {
  readonly pid: number
  /** The GraphQL endpoint. */
  readonly url: string
  /** The last lines of the log. */
  readonly log: readonly string[]
  signal(name: NodeJS.Signals): void
  kill(): Promise<void>
}

export interface GatewayOptions {
  /** Settings and other environment variables. */
  readonly env: Readonly<Record<string, string>>
  /** File which the gateway loads first. */
  readonly preload?: string
  /** Whether the gateway has the lowest priority (`nice`). */
  readonly hasLowestPriority?: boolean | undefined
}

export async function startGateway(options: GatewayOptions): Promise<GatewayProcess> {
  const env = { PATH: process.env.PATH ?? '', PORT: '0', LOG_LEVEL: 'info', ...options.env }
  const args = options.preload === undefined ? ['src/main.ts'] : ['--import', options.preload, 'src/main.ts']
  const [command, ...prefix] = options.hasLowestPriority ? ['nice', '-n', '19', process.execPath] : [process.execPath]
  const child = spawn(command, [...prefix, ...args], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const log: string[] = []
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log.push(...text.trimEnd().split('\n'))
    log.splice(0, log.length - KEPT_LOG_LINES)
  })
  const forget = atExit(() => child.kill('SIGKILL'))
  const kill = async () => {
    await killChild(child)
    forget()
  }
  const url = await Promise.race([
    waitForUrl(child),
    once(child, 'exit').then(() => Promise.reject(new Error(`The gateway did not start:\n${log.join('\n')}`))),
    once(AbortSignal.timeout(START_TIMEOUT_MS), 'abort').then(() =>
      Promise.reject(new Error(`The gateway did not start within ${START_TIMEOUT_MS} ms.`)),
    ),
  ])
  return { pid: child.pid ?? 0, url, log, signal: name => child.kill(name), kill }
}

/** Starts a process which uses all of one CPU core, until the returned function is called. */
export function startBusyLoop(): () => Promise<void> {
  const child = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' })
  const forget = atExit(() => child.kill('SIGKILL'))
  return async () => {
    await killChild(child)
    forget()
  }
}

function waitForUrl(child: ChildProcess): Promise<string> {
  let output = ''
  return new Promise(resolve => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text
      const [, url] = /GraphQL\s+(http:\/\/\S+\/graphql)/.exec(output) ?? []
      if (url !== undefined) resolve(url.replace('localhost', '127.0.0.1'))
    })
  })
}

async function killChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}
