import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { scalars, toUtcSeconds } from '../../../src/resolvers/scalars.ts'

const MINUTE_MS = 60_000
const FIRST_MS = Date.parse('0000-01-01T00:00:00Z')
const LAST_MS = Date.parse('9999-12-31T23:59:59Z')
const twoDigits = (number: number): string => String(number).padStart(2, '0')

/** The forms of offsets in RFC 3339, in minutes. UTC, for which the code has a fast path, is as frequent as the rest. */
const offset = fc.oneof(
  fc.constantFrom({ text: 'Z', minutes: 0 }, { text: '+00:00', minutes: 0 }, { text: '-00:00', minutes: 0 }),
  fc.record({ sign: fc.constantFrom(1, -1), minutes: fc.nat(23 * 60 + 59) }).map(({ sign, minutes }) => ({
    text: `${sign > 0 ? '+' : '-'}${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}`,
    minutes: sign * minutes,
  })),
)
const fraction = fc.oneof(fc.constant(''), fc.stringMatching(/^\.\d{1,9}$/))

describe('toUtcSeconds', () => {
  it('toUtcSeconds returns the same second as Date in the form YYYY-MM-DDTHH:MM:SSZ', () => {
    const seconds = fc.oneof(
      fc.integer({ min: FIRST_MS / 1_000 + 86_400, max: LAST_MS / 1_000 - 86_400 }),
      // Seconds around the start of a year and around the end of February.
      fc
        .record({
          year: fc.integer({ min: 1, max: 9998 }),
          month: fc.constantFrom(0, 2),
          distance: fc.integer({ min: -100_000, max: 100_000 }),
        })
        .map(({ year, month, distance }) => new Date(0).setUTCFullYear(year, month, 1) / 1_000 + distance),
    )
    fc.assert(
      fc.property(seconds, offset, fraction, (second, { text, minutes }, digits) => {
        const local = new Date(second * 1_000 + minutes * MINUTE_MS).toISOString().slice(0, 19)
        const utc = toUtcSeconds(`${local}${digits}${text}`)
        expect(utc).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/)
        expect(Date.parse(utc)).toBe(second * 1_000)
        expect(toUtcSeconds(utc)).toBe(utc)
      }),
      { numRuns: 5_000 },
    )
  })

  it.each([
    ['2016-05-31T16:15:51+03:00', '2016-05-31T13:15:51Z'],
    ['2024-01-01T00:00:00.999Z', '2024-01-01T00:00:00Z'],
    ['2024-01-01T00:00:00+00:00', '2024-01-01T00:00:00Z'],
    ['2024-02-29T23:30:00-01:00', '2024-03-01T00:30:00Z'],
    ['2023-02-28T23:30:00-01:00', '2023-03-01T00:30:00Z'],
    ['2024-03-01T00:15:00+00:30', '2024-02-29T23:45:00Z'],
    ['2024-12-31T23:59:59.999999999-05:30', '2025-01-01T05:29:59Z'],
    ['2025-01-01T00:00:00+14:00', '2024-12-31T10:00:00Z'],
    ['1969-12-31T23:59:59.5Z', '1969-12-31T23:59:59Z'],
    ['1969-12-31T20:59:59.5-03:00', '1969-12-31T23:59:59Z'],
  ])('toUtcSeconds converts %s to %s', (text, utc) => {
    expect(toUtcSeconds(text)).toBe(utc)
  })
})

describe('DateTime', () => {
  it('DateTime serializes a time with an offset as whole seconds in UTC', () => {
    expect(scalars.DateTime?.serialize('2016-05-31T16:15:51.250+03:00')).toBe('2016-05-31T13:15:51Z')
  })
})
