import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const SCRIPT = fileURLToPath(new URL('load.lua', import.meta.url))

/** A slow server has more clients than it answers in a second or two, and that is no error. Seconds. */
const TIMEOUT = 60

export interface Request {
  readonly authorization: string
  readonly body: string
}

/** What wrk saw. Times are microseconds. */
export interface Load {
  readonly requests: number
  readonly microseconds: number
  readonly p50: number
  readonly p99: number
}

/** Writes what is to be sent in turn, and every answer that is right, for `load`. */
export const writeLoad = (file: string, url: URL, requests: readonly Request[], answers: readonly string[]): void => {
  const part = (kind: string, text: string) => `${kind} ${Buffer.byteLength(text)}\n${text}\n`
  const http = ({ authorization, body }: Request) =>
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
  writeFileSync(
    file,
    [...requests.map(each => part('R', http(each))), ...answers.map(each => part('A', each))].join(''),
  )
}

export interface LoadOptions {
  readonly clients: number
  readonly seconds: number
  readonly core: number
  /** Which of the requests comes first, counted from 0. */
  readonly from: number
}

/** So many clients, each of which asks again as soon as it was answered. Throws where an answer was not right. */
export const load = async (url: URL, file: string, { clients, seconds, core, from }: LoadOptions): Promise<Load> => {
  const args = ['-t1', `-c${clients}`, `-d${seconds}s`, '--timeout', `${TIMEOUT}s`, '-s', SCRIPT, url.href, '--']
  const wrk = spawn('taskset', ['-c', String(core), 'wrk', ...args, file, String(from)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const chunks: Buffer[] = []
  wrk.stdout.on('data', chunk => chunks.push(chunk))
  await once(wrk, 'close')
  const output = Buffer.concat(chunks).toString('utf8')
  const [, json] = /^RESULT (.*)$/m.exec(output) ?? []
  if (json === undefined) throw new Error(`wrk gave no result:\n${output}`)
  const { wrong, failed, ...seen } = JSON.parse(json) as Load & { wrong: number; failed: number }
  if (wrong > 0 || failed > 0) {
    const [, example = ''] = /^EXAMPLE (.*)$/m.exec(output) ?? []
    throw new Error(`${wrong} of ${seen.requests} answers were wrong, ${failed} requests failed. ${example}`)
  }
  return seen
}
