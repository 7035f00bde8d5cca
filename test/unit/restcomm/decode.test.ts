import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isReadable } from '../../../src/model.ts'
import { asArray, asObject, dateTime, decodeRow, identity } from '../../../src/restcomm/decode.ts'
import { DecodingError, RestcommError } from '../../../src/restcomm/errors.ts'

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const decode = (text: string): string | null => {
  const date = dateTime({ label: 'row', members: { date_created: text } }, 'date_created')
  return isReadable(date) ? date : null
}
const twoDigits = (number: number): string => String(number).padStart(2, '0')

describe('dateTime', () => {
  it('dateTime accepts exactly the dates that exist in the calendar', () => {
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
        const local = `${year}-${twoDigits(month)}-${twoDigits(day)}T${twoDigits(hour)}:${twoDigits(minute)}:${twoDigits(second)}`
        // JavaScript turns dates that do not exist into later dates.
        const rolledOver = new Date(`${local}Z`)
        const exists = !Number.isNaN(rolledOver.getTime()) && rolledOver.toISOString().startsWith(local)
        const rfc2822 = `${day} ${MONTHS[month - 1]} ${year} ${local.slice(11)} -0330`
        expect(decode(rfc2822)).toBe(exists ? `${local}-03:30` : null)
        expect(decode(`${local}.250Z`)).toBe(exists ? `${local}.250Z` : null)
      }),
      { numRuns: 2_000 },
    )
  })

  it.each(['29 Feb 2000 00:00:00 +0000', '29 Feb 2024 00:00:00 +0000'])('dateTime accepts the leap day %s', text => {
    expect(decode(text)).not.toBeNull()
  })

  it.each(['9999-12-31T23:59:59+00:00', '0000-01-01T00:00:00.123456789-14:00', '0000-01-01T14:00:00+14:00'])(
    'dateTime accepts %s, the first or last years in UTC',
    text => {
      expect(decode(text)).toBe(text)
    },
  )

  it.each([
    '29 Feb 1900 00:00:00 +0000',
    '29 Feb 2023 00:00:00 +0000',
    '1 Jan 2020 00:00:00 +1500',
    '1 Foo 2020 00:00:00 +0000',
    '31 Dec 9999 23:59:59 -0100',
    '9999-12-31T23:59:59-01:00',
    '0000-01-01T00:00:00+14:00',
  ])('dateTime rejects %s', text => {
    expect(decode(text)).toBeNull()
  })
})

it.each([
  { name: 'asObject', read: asObject, values: [null, 7, [], 'text'] },
  { name: 'asArray', read: asArray, values: [null, 7, {}, 'text'] },
])('$name throws a DecodingError for each other value', ({ read, values }) => {
  for (const value of values) expect(() => read('list of calls', value)).toThrow(DecodingError)
})

it('the error of an invalid account SID names an account with the correct article', () => {
  const read = () => identity({ label: 'account', members: {} }, 'sid', 'account')
  expect(read).toThrow('Restcomm returned an account with an invalid `sid`: expected the SID of an account.')
})

describe('decodeRow', () => {
  const decodeSid = (row: unknown) => identity(asObject('row', row), 'sid', 'call')

  const errorOf = (row: unknown) => {
    const error = decodeRow(row, decodeSid)
    if (!(error instanceof DecodingError)) throw new Error('The row has no valid SID.')
    return error
  }

  it('decodeRow returns an error that identifies a row by its SIDs, URI and creation date, and contains no value of the row', () => {
    const row = { sid: 'nonsense', uri: '/nowhere', name: 'secret' }
    const error = errorOf(row)
    expect(error.message).toBe('Restcomm returned a row with an invalid `sid`: expected the SID of a call.')
    expect(error.rowId).toMatch(/^-[0-9a-f]{32}$/)
    expect(inspect(error, { depth: null, showHidden: true })).not.toMatch(/nonsense|nowhere|secret/)
    expect(errorOf({ ...row, name: 'other' })).toEqual(error)
    for (const member of ['sid', 'uri', 'account_sid', 'date_created']) {
      expect(errorOf({ ...row, [member]: 'other' }).rowId).not.toBe(error.rowId)
    }
  })

  it.each([{ row: null }, { row: {} }, { row: 7 }, { row: { sid: 7, date_created: 'today' } }])(
    'decodeRow gives the row $row, without a text for SID and URI, the id -',
    ({ row }) => {
      expect(errorOf(row).rowId).toBe('-')
    },
  )

  it('decodeRow throws every other error', () => {
    const fail = () => {
      throw new RestcommError('filterIgnored', 'The server ignored the filter.')
    }
    expect(() => decodeRow({}, fail)).toThrow('The server ignored the filter.')
  })
})
