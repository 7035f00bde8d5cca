import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Line, type Place } from '../../../src/restcomm/linkedQueue.ts'

describe('a line', () => {
  it('is what an array would be, whoever joins, leaves and is called', () => {
    const step = fc.oneof(fc.constant('join' as const), fc.constant('shift' as const), fc.nat(20))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), steps => {
        const line = new Line()
        const model: Place[] = []
        for (const step of steps) {
          if (step === 'join') model.push(line.join(() => undefined))
          else if (step === 'shift') expect(line.shift()).toBe(model.shift() ?? null)
          else for (const place of model.splice(step, 1)) line.leave(place)
          expect(line.length).toBe(model.length)
        }
        for (const place of model) expect(line.shift()).toBe(place)
        for (const place of model) line.leave(place)
        expect(line.length).toBe(0)
        expect(line.shift()).toBeNull()
      }),
    )
  })
})
