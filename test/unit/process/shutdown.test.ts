import { pino } from 'pino'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { registerShutdown, type ShutdownReason } from '../../../src/process/shutdown.ts'

const DELAY_MS = 5_000
const TIMEOUT_MS = 25_000

let handlers: Map<string | symbol, (...args: unknown[]) => void>
let exitCodes: unknown[]
let logged: { level: string; msg: string; signal?: string; setting?: string }[]

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  handlers = new Map()
  logged = []
  exitCodes = []
  vi.spyOn(process, 'exit').mockImplementation(code => exitCodes.push(code) as never)
  vi.spyOn(process, 'on').mockImplementation((event, handler) => {
    handlers.set(event, handler)
    return process
  })
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
  process.exitCode = undefined
})

/** Registers a shutdown. The drain lasts until `finish` is called. */
function register() {
  const drained = Promise.withResolvers<void>()
  const steps: string[] = []
  const start = registerShutdown({
    delayMs: DELAY_MS,
    timeoutMs: TIMEOUT_MS,
    onStart: reason => steps.push(`start: ${reason}`),
    drain: reason => {
      steps.push(`drain: ${reason}`)
      return drained.promise
    },
    log: pino(
      { level: 'debug', formatters: { level: level => ({ level }) } },
      { write: line => logged.push(JSON.parse(line)) },
    ),
  })
  const trigger = (reason: ShutdownReason) => {
    if (!emit(reason)) start(reason)
  }
  return { trigger, steps, finish: () => drained.resolve() }
}

/** Returns whether the event has a listener. */
function emit(event: string, ...args: unknown[]): boolean {
  handlers.get(event)?.(...args)
  return handlers.has(event)
}

const wait = (ms: number) => vi.advanceTimersByTimeAsync(ms)
const events = () => logged.map(({ level, msg }) => [level, msg])

it.each<[ShutdownReason, string]>([
  ['SIGTERM', 'shutdown started'],
  ['replaced', 'worker replaced'],
])('a shutdown because of %s drains after the delay, and exits with 0 after the drain', async (reason, event) => {
  const { trigger, steps, finish } = register()
  trigger(reason)
  await wait(DELAY_MS - 1)
  expect(steps).toEqual([`start: ${reason}`])
  await wait(1)
  expect(steps).toEqual([`start: ${reason}`, `drain: ${reason}`])
  expect(exitCodes).toEqual([])
  finish()
  await wait(0)
  expect(exitCodes).toEqual([undefined])
  expect(events()).toEqual([
    ['info', event],
    ['info', 'shutdown complete'],
  ])
})

it.each<ShutdownReason>(['SIGINT', 'primary ended', 'uncaught exception'])(
  'a shutdown because of %s drains without a delay',
  reason => {
    const { trigger, steps } = register()
    trigger(reason)
    expect(steps).toEqual([`start: ${reason}`, `drain: ${reason}`])
  },
)

it('a shutdown exits with 0 after the timeout while the drain is not complete', async () => {
  register()
  emit('SIGTERM')
  await wait(TIMEOUT_MS - 1)
  expect(exitCodes).toEqual([])
  await wait(1)
  expect(exitCodes).toEqual([undefined])
  expect(logged.at(-1)).toMatchObject({ level: 'warn', setting: 'SHUTDOWN_TIMEOUT_MS', msg: 'shutdown timed out' })
})

it.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
])(
  'a second %s exits immediately with %i, but is ignored for 500 ms, because npm sends two signals',
  async (signal, code) => {
    const { steps } = register()
    emit(signal)
    await wait(500)
    emit(signal)
    expect(exitCodes).toEqual([])
    await wait(1)
    emit(signal)
    expect(exitCodes).toEqual([code])
    expect(steps[0]).toBe(`start: ${signal}`)
    expect(logged.at(-1)).toMatchObject({ msg: 'shutdown forced' })
  },
)

it('the log lines about a shutdown after SIGINT have the level debug', async () => {
  const { finish } = register()
  emit('SIGINT')
  finish()
  await wait(0)
  expect(events()).toEqual([
    ['debug', 'shutdown started'],
    ['debug', 'shutdown complete'],
  ])
})

it('a signal during the replacement of a worker does not start a second shutdown', async () => {
  const { trigger, steps } = register()
  trigger('replaced')
  emit('SIGTERM')
  await wait(DELAY_MS)
  expect(steps).toEqual(['start: replaced', 'drain: replaced'])
  expect(exitCodes).toEqual([])
})

it('an uncaught exception is logged, and exits with 1 after the drain', async () => {
  const { steps, finish } = register()
  emit('uncaughtException', new Error('test error'))
  finish()
  await wait(0)
  expect(steps).toEqual(['start: uncaught exception', 'drain: uncaught exception'])
  expect(exitCodes).toEqual([1])
  expect(logged[0]).toMatchObject({ level: 'fatal', err: { message: 'test error' } })
})
