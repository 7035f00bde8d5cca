import { expect, it } from 'vitest'
import { parseRows } from '../../../../src/sandbox/rows/parseRows.ts'
import type { Rows } from '../../../../src/sandbox/rows/rows.ts'
import { fixture } from '../../../support/fixtures.ts'

const NO_ROWS: Rows = { organizations: [], accounts: [], conferences: [], calls: [] }
const RECORDED_ROWS: Rows = JSON.parse(fixture('rows.json'))

it('parseRows reads the recorded rows unchanged', () => {
  expect(parseRows(fixture('rows.json'))).toEqual({ ...RECORDED_ROWS, recordings: [] })
})

it('parseRows accepts missing nullable columns and unknown columns', () => {
  const [first] = RECORDED_ROWS.conferences
  const { friendly_name: _name, ...nameless } = { ...first, colour: 'blue' }
  const [row] = parseRows(JSON.stringify({ ...NO_ROWS, conferences: [nameless] })).conferences
  expect(row).toEqual({ ...first, friendly_name: null })
})

const [conference] = RECORDED_ROWS.conferences
it.each([
  { text: '{', message: /^The rows are not valid JSON \(.*\): expected an object of arrays, organizations, / },
  {
    text: '[]',
    message:
      'The rows are []: expected a JSON object of arrays, organizations, accounts, conferences, calls, recordings.',
  },
  { text: '{"organizations":[]}', message: '"accounts" is missing: expected an array of rows.' },
  { text: JSON.stringify({ ...NO_ROWS, calls: [7] }), message: 'calls[0] is 7: expected an object.' },
  {
    text: JSON.stringify({ ...NO_ROWS, conferences: [{ ...conference, status: null }] }),
    message: 'conferences[0]: status is null, expected a string.',
  },
  {
    text: JSON.stringify({ ...NO_ROWS, conferences: [{ ...conference, master_present: 'yes' }] }),
    message: 'conferences[0]: master_present is "yes", expected true or false or null.',
  },
  {
    text: JSON.stringify({ ...NO_ROWS, conferences: [{ ...conference, date_created: '2019-01-01T00:00:00Z' }] }),
    message:
      'conferences[0]: date_created is "2019-01-01T00:00:00Z", expected a UTC time such as "2019-01-31 23:59:59.999".',
  },
  {
    text: JSON.stringify({ ...NO_ROWS, conferences: [conference, conference] }),
    message: `conferences[1]: duplicate sid ${conference?.sid}, expected a unique sid.`,
  },
])('parseRows rejects invalid rows: $message', ({ text, message }) => {
  expect(() => parseRows(text)).toThrow(message)
})
