import { expect, it } from 'vitest'
import { RowStore } from '../../../../src/sandbox/rows/rowStore.ts'
import type { Rows } from '../../../../src/sandbox/rows/rows.ts'
import { fixture } from '../../../support/fixtures.ts'

const NO_ROWS: Rows = { organizations: [], accounts: [], conferences: [], calls: [] }

function recordedRows(): Rows {
  return JSON.parse(fixture('rows.json'))
}

it('RowStore never changes the rows passed to the constructor', () => {
  const rows = recordedRows()
  const store = new RowStore(rows)
  for (const { sid } of rows.conferences) store.updateConference(sid, { status: 'COMPLETED' })
  for (const { sid } of rows.calls) store.updateCall(sid, { muted: true })
  expect(rows).toEqual(recordedRows())
})

it('RowStore throws on an update of an unknown row', () => {
  const store = new RowStore(NO_ROWS)
  expect(() => store.updateConference('CF1', {})).toThrow('no row CF1')
  expect(() => store.finishCall('CA1')).toThrow('no row CA1')
})

it('RowStore keeps a call in the lists after a change of its conference or date', () => {
  const store = new RowStore(NO_ROWS)
  const early = store.addCall({ account_sid: 'AC1', conference_sid: 'CF1', date_created: '2019-01-01 00:00:00.000' })
  const late = store.addCall({ account_sid: 'AC1', conference_sid: 'CF1', date_created: '2019-01-02 00:00:00.000' })
  store.updateCall(early.sid, { conference_sid: 'CF2', date_created: '2019-01-03 00:00:00.000' })
  expect(store.callsIn('CF1').map(call => call.sid)).toEqual([late.sid])
  expect(store.callsIn('CF2').map(call => call.sid)).toEqual([early.sid])
  expect(store.callsOf('AC1').map(call => call.sid)).toEqual([early.sid, late.sid])
  expect(store.callsOf('AC1', 'oldest').map(call => call.sid)).toEqual([late.sid, early.sid])
})

it('RowStore keeps every list in order through a thousand changes', () => {
  const store = new RowStore(NO_ROWS)
  const sids: string[] = []
  for (let round = 0; round < 1_000; round++) {
    const { sid } = store.addConference({ account_sid: 'AC1' })
    sids.push(sid)
    if (round % 3 === 0) store.updateConference(sids[round >> 1] ?? '', { status: 'STOPPING' })
    if (round % 5 === 0) store.removeConference(sids.splice(round >> 1, 1)[0] ?? '')
  }
  expect(store.conferencesOf('AC1').map(row => row.sid)).toEqual(sids.sort())
})
