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

  it('toUtcSeconds throws exactly for times that do not exist', () => {
    const parts = fc.record({
      year: fc.integer({ min: 1, max: 9998 }),
      month: fc.integer({ min: 0, max: 13 }),
      day: fc.oneof(fc.nat(32), fc.integer({ min: 28, max: 32 })),
      hour: fc.nat(24),
      minute: fc.nat(60),
      second: fc.nat(60),
    })
    fc.assert(
      fc.property(parts, offset, ({ year, month, day, hour, minute, second }, { text }) => {
        const local = `${String(year).padStart(4, '0')}-${[month, day].map(twoDigits).join('-')}T${[hour, minute, second].map(twoDigits).join(':')}`
        const ms = Date.UTC(2000, month - 1, day, hour, minute, second)
        const date = new Date(new Date(ms).setUTCFullYear(year, month - 1, day))
        const exists = date.toISOString().startsWith(local)
        const convert = () => toUtcSeconds(`${local}${text}`)
        if (exists) expect(convert()).toMatch(/Z$/)
        else expect(convert).toThrow('is not a date and time')
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

  it.each([
    '',
    'yesterday',
    'a text with 20 lettZ',
    '2024-01-01',
    '2024-01-01T00:00:00',
    '2024-01-01T00:00:00.Z',
    '2024-01-01T00:00:00+0000',
    'Mon, 01 Jan 2024 00:00:00 +0000',
    '2023-02-29T00:00:00Z',
    '2024-02-31T00:00:00+03:00',
    '2024-01-01T24:00:00Z',
    '2024-01-01T23:59:60Z',
    '2024-01-01T00:00:00+24:00',
    '2024-01-01T00:00:00Z\n',
    '0000-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-01:00',
    null,
    0,
    1_700_000_000_000,
    new Date('invalid'),
  ])('DateTime fails for the value %j instead of returning a wrong time', value => {
    expect(() => scalars.DateTime?.serialize(value)).toThrow(/is not a date and time in the form of RFC 3339\.$/)
  })
})
