import { connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { FaultKind, Sandbox } from '../../../src/sandbox/index.ts'
import { waitUntil } from '../../support/waitUntil.ts'
import { basic } from './rawRequest.ts'
import { ACCOUNTS_PATH, account, form, startSandboxClient } from './sandboxClient.ts'

const always = (kind: FaultKind, more = {}) => startSandboxClient({ faults: { shares: { [kind]: 1 }, ...more } })
const LIST = '/Conferences?PageSize=7'

interface RawConnection {
  readonly isOpen: boolean
  readonly head: string
  readonly body: string
  /** The `content-length` of the response. */
  readonly announced: number
}

/**
 * Sends a request, and returns the state of the connection as soon as `isDone` holds and a later request has ended.
 * Turns the faults of the sandbox off.
 */
const raw = async (sandbox: Sandbox, isDone: (connection: RawConnection) => boolean): Promise<RawConnection> => {
  const { sid, password } = account('conf51')
  const socket = connect(Number(new URL(sandbox.url).port), '127.0.0.1')
  onTestFinished(() => {
    socket.destroy()
  })
  let text = ''
  let isOpen = true
  socket.on('data', chunk => {
    text += chunk
  })
  socket.on('error', () => undefined)
  socket.on('close', () => {
    isOpen = false
  })
  socket.write(
    `GET ${ACCOUNTS_PATH}/${sid}${LIST} HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\nAuthorization: ${basic(sid, password)}\r\n\r\n`,
  )
  const state = () => {
    const [head = '', body = ''] = text.split('\r\n\r\n')
    return { isOpen, head, body, announced: Number(/content-length: (\d+)/i.exec(head)?.[1]) }
  }
  await waitUntil(() => isDone(state()), 'the response has arrived as far as expected')
  sandbox.setFaults(null)
  await fetch(sandbox.url)
  return state()
}

describe('a fault of the sandbox', () => {
  it.each([
    ['error500', 500],
    ['error502', 502],
    ['error503', 503],
    ['error504', 504],
    ['tooManyRequests', 429],
    ['redirect', 302],
  ] as const)('the fault %s sends the status %d with an HTML page instead of JSON', async (kind, status) => {
    const { send } = await always(kind)
    const answer = await send('conf51', LIST)
    expect(answer).toMatchObject({ status, body: expect.stringContaining('<html>') })
    expect(answer.headers.location).toBe(status === 302 ? '/elsewhere' : undefined)
  })

  it('the fault html sends a page with status 200, contentType the correct body with a wrong content type', async () => {
    const page = await (await always('html')).send('conf51', LIST)
    expect(page).toMatchObject({ status: 200, headers: { 'content-type': 'text/html' } })
    expect(page.body).toContain('<html>')
    const odd = await (await always('contentType')).send('conf51', LIST)
    expect(odd.headers['content-type']).toBe('text/plain')
    expect(JSON.parse(odd.body).conferences).toHaveLength(7)
  })

  it('the fault reset resets the connection', async () => {
    const { send } = await always('reset')
    await expect(send('conf51', LIST)).rejects.toMatchObject({ code: 'ECONNRESET' })
  })

  it('the fault halfOpen never responds and keeps the connection open', async () => {
    const { sandbox } = await always('halfOpen')
    expect(await raw(sandbox, () => sandbox.requests.length === 1)).toMatchObject({ isOpen: true, head: '' })
  })

  it('the fault stall stops in the middle of the body and keeps the connection open', async () => {
    const { sandbox } = await always('stall')
    const { isOpen, body, announced } = await raw(sandbox, ({ body }) => body !== '')
    expect(isOpen).toBe(true)
    expect(body.length).toBeLessThan(announced)
  })

  it('the fault trickle sends single bytes', async () => {
    const { sandbox } = await always('trickle', { trickleMs: 15 })
    const { body, announced, isOpen } = await raw(sandbox, ({ body }) => body !== '')
    expect(isOpen).toBe(true)
    expect(body.length).toBeGreaterThan(0)
    expect(body.length).toBeLessThan(25)
    expect(announced).toBeGreaterThan(1_000)
  })

  it('the fault cutOff announces more bytes than sent and resets the connection', async () => {
    const { sandbox, send } = await always('cutOff')
    await expect(send('conf51', LIST)).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect((await raw(sandbox, ({ isOpen }) => !isOpen)).isOpen).toBe(false)
  })

  it('the fault cutJson sends a complete response with truncated JSON', async () => {
    const { send } = await always('cutJson')
    const { status, body } = await send('conf51', LIST)
    expect(status).toBe(200)
    expect(() => JSON.parse(body)).toThrow(SyntaxError)
  })

  it('the fault wrongTypes changes the type of one value at any depth', async () => {
    const right = await (await startSandboxClient()).readJson('conf51', LIST)
    const { readJson } = await always('wrongTypes')
    const places = new Set<string>()
    for (let i = 0; i < 40; i++) {
      const wrong = await readJson('conf51', LIST)
      const changed = [...differences(right, wrong)]
      expect(changed).toHaveLength(1)
      places.add(changed[0] ?? '')
    }
    expect(places.size).toBeGreaterThan(20)
  })

  it('the fault huge repeats the rows of a list up to hugeBytes', async () => {
    const { send } = await always('huge', { hugeBytes: 100_000 })
    const { body } = await send('conf51', LIST)
    expect(body.length).toBeGreaterThan(100_000)
    expect(JSON.parse(body).conferences.length).toBeGreaterThan(150)
    expect((await send('conf51', '')).body.length).toBeGreaterThan(100_000)
  })

  it('the fault mismatchedEnvelope sends the envelope of a different request with the correct rows', async () => {
    const { readJson } = await always('mismatchedEnvelope')
    const envelopes = await Promise.all(Array.from({ length: 20 }, () => readJson('conf51', LIST)))
    expect(envelopes.some(({ total }) => total !== 51)).toBe(true)
    expect(envelopes.every(({ conferences }) => conferences.length === 7)).toBe(true)
  })

  it('the fault latency exceeds its median in half of the cases', async () => {
    const { send } = await always('latency', { latencyMs: 30 })
    const waits = await Promise.all(
      Array.from({ length: 60 }, async () => {
        const began = performance.now()
        await send('conf51', LIST)
        return performance.now() - began
      }),
    )
    expect(waits.filter(ms => ms > 30).length).toBeGreaterThan(15)
  })
})

it('a sandbox with the fault reset executes a change or not before the fault replaces the response', async () => {
  const { sandbox, send } = await always('reset')
  const { sid } = account('part')
  const calls = Array.from({ length: 24 }, () => sandbox.rows.addCall({ account_sid: sid }).sid)
  for (const call of calls)
    await expect(send('part', `/Calls/${call}`, form({ Status: 'completed' }))).rejects.toThrow()
  const done = calls.filter(call => sandbox.rows.call(call)?.status === 'completed').length
  expect(done).toBeGreaterThan(4)
  expect(done).toBeLessThan(20)
})

it('sandbox faults have the configured shares, are reproducible by the seed, and end with null', async () => {
  const run = async () => {
    const { sandbox, send } = await startSandboxClient({ faults: { seed: 3, shares: { error500: 0.2, html: 0.1 } } })
    const seen: string[] = []
    for (let i = 0; i < 300; i++) {
      const { status, headers } = await send('conf51', LIST)
      seen.push(`${status} ${headers['content-type']}`)
    }
    sandbox.setFaults(null)
    expect((await send('conf51', LIST)).status).toBe(200)
    expect(sandbox.faultCounts).toEqual({
      error500: seen.filter(text => text.startsWith('500')).length,
      html: seen.filter(text => text === '200 text/html').length,
    })
    return seen
  }
  const seen = await run()
  expect(seen.filter(text => text.startsWith('500')).length).toBeGreaterThan(35)
  expect(seen.filter(text => text.startsWith('500')).length).toBeLessThan(90)
  expect(await run()).toEqual(seen)
})

/** The paths at which two JSON values differ. */
function* differences(a: unknown, b: unknown, path = ''): Generator<string> {
  if (
    typeof a === 'object' &&
    a !== null &&
    typeof b === 'object' &&
    b !== null &&
    Array.isArray(a) === Array.isArray(b)
  ) {
    const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>]
    for (const name of new Set([...Object.keys(left), ...Object.keys(right)])) {
      yield* differences(left[name], right[name], `${path}.${name}`)
    }
  } else if (JSON.stringify(a) !== JSON.stringify(b)) yield path
}
