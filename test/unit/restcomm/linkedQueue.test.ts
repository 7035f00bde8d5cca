import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LinkedQueue, type QueueNode } from '../../../src/restcomm/linkedQueue.ts'

describe('LinkedQueue', () => {
  it('LinkedQueue behaves like an array for any sequence of push, shift and remove', () => {
    const step = fc.oneof(fc.constant('push' as const), fc.constant('shift' as const), fc.nat(20))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), steps => {
        const queue = new LinkedQueue()
        const model: QueueNode[] = []
        for (const step of steps) {
          if (step === 'push') model.push(queue.push(() => undefined))
          else if (step === 'shift') expect(queue.shift()).toBe(model.shift() ?? null)
          else for (const node of model.splice(step, 1)) queue.remove(node)
          expect(queue.length).toBe(model.length)
        }
        for (const node of model) expect(queue.shift()).toBe(node)
        for (const node of model) queue.remove(node)
        expect(queue.length).toBe(0)
        expect(queue.shift()).toBeNull()
      }),
    )
  })
})
