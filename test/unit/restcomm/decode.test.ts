import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dateTime } from '../../../src/restcomm/decode.ts'

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const read = (text: string): string | null => {
  try {
    return dateTime({ noun: 'row', members: { at: text } }, 'at')
  } catch {
    return null
  }
}
const two = (number: number): string => String(number).padStart(2, '0')

describe('a date of Restcomm’s', () => {
  it('is read where the day exists, and refused where the calendar does not have it', () => {
    const parts = fc.record({
      year: fc.integer({ min: 1000, max: 9999 }),
      month: fc.integer({ min: 1, max: 12 }),
      day: fc.integer({ min: 0, max: 32 }),
      hour: fc.integer({ min: 0, max: 24 }),
      minute: fc.integer({ min: 0, max: 60 }),
      second: fc.integer({ min: 0, max: 60 }),
    })
    fc.assert(
      fc.property(parts, ({ year, month, day, hour, minute, second }) => {
        const local = `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}`
        // The calendar of the language rolls over what does not exist, and so shows that it does not.
        const parsed = new Date(`${local}Z`)
        const exists = !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(local)
        const mail = `${day} ${MONTHS[month - 1]} ${year} ${local.slice(11)} -0330`
        expect(read(mail)).toBe(exists ? `${local}-03:30` : null)
        expect(read(`${local}.250Z`)).toBe(exists ? `${local}.250Z` : null)
      }),
      { numRuns: 2_000 },
    )
  })

  it.each(['29 Feb 2000 00:00:00 +0000', '29 Feb 2024 00:00:00 +0000'])('has the leap day %s', text => {
    expect(read(text)).not.toBeNull()
  })

  it.each([
    '29 Feb 1900 00:00:00 +0000',
    '29 Feb 2023 00:00:00 +0000',
    '1 Jan 2020 00:00:00 +1500',
    '1 Foo 2020 00:00:00 +0000',
  ])('is not %s', text => {
    expect(read(text)).toBeNull()
  })
})
