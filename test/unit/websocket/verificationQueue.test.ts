import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { VerificationQueue } from '../../../src/websocket/verificationQueue.ts'

const errorsOf = (code: string) => [{ extensions: { code } }]

/** Enters the queue, and lists the operations whose turn has come. */
const createQueue = () => {
  const queue = new VerificationQueue()
  const started: string[] = []
  const enter = async (name: string) => {
    const turn = await queue.enter()
    started.push(name)
    return turn
  }
  return { queue, started, enter }
}

describe('VerificationQueue', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('operations run one at a time until an operation ran with accepted credentials', async () => {
    const { queue, started, enter } = createQueue()
    const first = await enter('first')
    const second = enter('second')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(started).toEqual(['first'])
    queue.verify()
    first?.endAfter()
    await second
    expect(queue.enter()).toBeNull()
  })

  it.each(['UNAUTHENTICATED', 'OVERLOADED', 'RATE_LIMITED', 'TOO_MANY_WATCHES'])(
    'the next operation waits for a second after %s',
    async code => {
      const { started, enter } = createQueue()
      const first = await enter('first')
      void enter('second')
      first?.endAfter(errorsOf(code))
      // The end of the operation does not end the pause.
      first?.endAfter()
      await vi.advanceTimersByTimeAsync(999)
      expect(started).toEqual(['first'])
      await vi.advanceTimersByTimeAsync(1)
      expect(started).toEqual(['first', 'second'])
    },
  )

  it('the next operation starts at once after a result, and after an error of the query', async () => {
    const { started, enter } = createQueue()
    const first = await enter('first')
    void enter('second').then(turn => turn?.endAfter(errorsOf('GRAPHQL_VALIDATION_FAILED')))
    void enter('third')
    first?.endAfter()
    await vi.advanceTimersByTimeAsync(0)
    expect(started).toEqual(['first', 'second', 'third'])
  })

  it('the next operation waits for 100 ms after the client has left an operation', async () => {
    const { started, enter } = createQueue()
    const first = await enter('first')
    void enter('second')
    first?.cancel()
    await vi.advanceTimersByTimeAsync(99)
    expect(started).toEqual(['first'])
    await vi.advanceTimersByTimeAsync(1)
    expect(started).toEqual(['first', 'second'])
  })
})
