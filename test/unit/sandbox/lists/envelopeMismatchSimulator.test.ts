import { expect, it } from 'vitest'
import type { EnvelopeFields } from '../../../../src/sandbox/lists/envelope.ts'
import { MEMBER_COUNT } from '../../../../src/sandbox/lists/envelope.ts'
import {
  EnvelopeMismatchSimulator,
  overwriteFields,
  randomWritePositions,
} from '../../../../src/sandbox/lists/envelopeMismatchSimulator.ts'
import { seededRandom } from '../../../../src/sandbox/random.ts'

const SHORT_LIST: EnvelopeFields = { total: 51, page: 2, pageSize: 10, uri: 'list of 51 rows' }
const LONG_LIST: EnvelopeFields = { total: 137, page: 1, pageSize: 30, uri: 'list of 137 rows' }

it('overwriteFields keeps a field before the write position and replaces the field from the write position on', () => {
  const at = overwriteFields(SHORT_LIST, LONG_LIST, [1, 2, 2, 7])
  expect(at(0)).toEqual(SHORT_LIST)
  expect(at(1)).toEqual({ ...SHORT_LIST, total: 137 })
  expect(at(2)).toEqual({ ...LONG_LIST, uri: SHORT_LIST.uri })
  expect(at(7)).toEqual(LONG_LIST)
})

it('randomWritePositions follows the order total, page, page size, uri, and never replaces all fields before the first read', () => {
  const random = seededRandom(11)
  for (let round = 0; round < 1_000; round++) {
    const positions = randomWritePositions(random)
    expect(positions).toEqual(positions.toSorted((a, b) => a - b))
    expect(positions[0]).toBeLessThan(MEMBER_COUNT)
    expect(positions).not.toEqual([0, 0, 0, 0])
  }
})

it('randomWritePositions reaches every read and every count of early writes', () => {
  const random = seededRandom(12)
  const seen = new Set<string>()
  for (let round = 0; round < 5_000; round++) {
    const [first = 0, ...rest] = randomWritePositions(random)
    seen.add(`${first}/${1 + rest.filter(position => position === first).length}`)
  }
  // Four writes at each of eleven positions, except for the complete copy.
  expect(seen.size).toBe(MEMBER_COUNT * 4 - 1)
})

it('EnvelopeMismatchSimulator synthesizes a mismatched envelope if all earlier requests were equal', () => {
  const simulator = new EnvelopeMismatchSimulator()
  simulator.set({ rate: 1, mixed: 0 })
  simulator.simulate('calls', SHORT_LIST, () => LONG_LIST)
  const second = simulator.simulate('calls', SHORT_LIST, () => LONG_LIST)
  expect(typeof second === 'function' && second(0)).toEqual(LONG_LIST)
})
