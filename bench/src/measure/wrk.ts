import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const SCRIPT = fileURLToPath(new URL('load.lua', import.meta.url))

/** wrk's default timeout of 2 s is too short for slow servers with many clients. */
const TIMEOUT_S = 60

export interface GraphqlPost {
  readonly authorization: string
  readonly body: string
}

export interface WrkResult {
  readonly requests: number
  readonly durationUs: number
  readonly p50Us: number
  readonly p99Us: number
}

/** Writes the requests and the set of accepted response bodies, in the format of load.lua. */
export function writeLoadFile(
  file: string,
  url: URL,
  requests: readonly GraphqlPost[],
  responses: readonly string[],
): void {
  const record = (kind: string, text: string) => `${kind} ${Buffer.byteLength(text)}\n${text}\n`
  const httpText = ({ authorization, body }: GraphqlPost) =>
    [
      `POST ${url.pathname} HTTP/1.1`,
      `Host: ${url.host}`,
      `Authorization: ${authorization}`,
      'Accept: application/json',
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n')
  const records = [
    ...requests.map(request => record('R', httpText(request))),
    ...responses.map(response => record('A', response)),
  ]
  writeFileSync(file, records.join(''))
}

export interface WrkOptions {
  readonly clients: number
  readonly seconds: number
  readonly core: number
  /** Index of the first request to send from the load file. */
  readonly firstRequest: number
}

/** Each client sends the next request after each response. Throws if a response is wrong or a request fails. */
export async function runWrk(url: URL, file: string, options: WrkOptions): Promise<WrkResult> {
  const { clients, seconds, core, firstRequest } = options
  const args = ['-t1', `-c${clients}`, `-d${seconds}s`, '--timeout', `${TIMEOUT_S}s`, '-s', SCRIPT, url.href, '--']
  const wrk = spawn('taskset', ['-c', String(core), 'wrk', ...args, file, String(firstRequest)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const chunks: Buffer[] = []
  wrk.stdout.on('data', chunk => chunks.push(chunk))
  await once(wrk, 'close')
  const output = Buffer.concat(chunks).toString('utf8')
  const [, json] = /^RESULT (.*)$/m.exec(output) ?? []
  if (json === undefined) throw new Error(`wrk printed no result:\n${output}`)
  const { wrong, failed, ...result } = JSON.parse(json) as WrkResult & { wrong: number; failed: number }
  if (wrong > 0 || failed > 0) {
    const [, example = ''] = /^EXAMPLE (.*)$/m.exec(output) ?? []
    throw new Error(`${wrong} of ${result.requests} responses were wrong, ${failed} requests failed. ${example}`)
  }
  return result
}
