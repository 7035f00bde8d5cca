import { describe, expect, it, onTestFinished } from 'vitest'
import type { Rows } from '../../../src/sandbox/index.ts'
import { parseRows, RowStore, startSandbox } from '../../../src/sandbox/index.ts'
import { account, ROOT, startRecorded } from './ask.ts'
import { basic, rawRequest } from './rawRequest.ts'
import { recordedRows, recordedRowsText } from './recordings.ts'

const NONE: Rows = { organizations: [], accounts: [], conferences: [], calls: [] }

describe('rows from a file', () => {
  it('are read as they stand', () => {
    expect(parseRows(recordedRowsText())).toEqual({ ...recordedRows(), recordings: [] })
  })

  it('may leave nullable columns out and say more than is known', () => {
    const { conferences } = recordedRows()
    const [first] = conferences
    const { friendly_name: _name, ...nameless } = { ...first, colour: 'blue' }
    const [row] = parseRows(JSON.stringify({ ...NONE, conferences: [nameless] })).conferences
    expect(row).toEqual({ ...first, friendly_name: null })
  })

  const [conference] = recordedRows().conferences
  it.each([
    { text: '{', complaint: /^The rows are not JSON: / },
    { text: '[]', complaint: 'The rows must be an object of lists.' },
    { text: '{"organizations":[]}', complaint: 'The rows need a list named "accounts".' },
    { text: JSON.stringify({ ...NONE, calls: [7] }), complaint: 'calls[0] is not an object.' },
    {
      text: JSON.stringify({ ...NONE, conferences: [{ ...conference, status: null }] }),
      complaint: 'conferences[0]: status must be a text.',
    },
    {
      text: JSON.stringify({ ...NONE, conferences: [{ ...conference, master_present: 'yes' }] }),
      complaint: 'conferences[0]: master_present must be true or false or null.',
    },
    {
      text: JSON.stringify({ ...NONE, conferences: [{ ...conference, date_created: '2019-01-01T00:00:00Z' }] }),
      complaint: 'conferences[0]: date_created must be a time like "2019-01-31 23:59:59.999" (UTC).',
    },
    {
      text: JSON.stringify({ ...NONE, conferences: [conference, conference] }),
      complaint: `conferences[1]: the sid ${conference?.sid} is there twice.`,
    },
  ])('that are wrong are refused: $complaint', ({ text, complaint }) => {
    expect(() => parseRows(text)).toThrow(complaint)
  })
})

describe('rows changed at run time', () => {
  it('show in the next answer: a room lands where its SID belongs', async () => {
    const { sandbox, json } = await startRecorded()
    const { sid } = account('conf51')
    const { conferences: before } = await json('conf51', '/Conferences?PageSize=100')
    const added = sandbox.rows.addConference({ sid: `CF7${'f'.repeat(31)}`, account_sid: sid, friendly_name: 'New' })
    const { total, conferences } = await json('conf51', '/Conferences?PageSize=100')
    expect(total).toBe(52)
    expect(conferences.map(row => row.sid)).toEqual([...before.map(row => row.sid), added.sid].sort())
    expect(conferences.findIndex(row => row.sid === added.sid)).toBeGreaterThan(0)
    sandbox.rows.removeConference(added.sid)
    expect((await json('conf51', '/Conferences?PageSize=100')).conferences).toEqual(before)
  })

  it('show in the next answer: a room changes its state and its date', async () => {
    const { sandbox, json } = await startRecorded()
    const [room] = sandbox.rows.conferencesOf(account('conf1').sid)
    sandbox.rows.updateConference(room?.sid ?? '', { status: 'COMPLETED', date_updated: '2020-02-02 02:02:02.000' })
    const [row] = (await json('conf1', '/Conferences')).conferences
    expect(row).toMatchObject({ status: 'COMPLETED', date_updated: 'Sun, 2 Feb 2020 02:02:02 +0000' })
  })

  it('show in the next answer: a caller joins, and leaves as a finished leg', async () => {
    const { sandbox, json } = await startRecorded()
    const { sid } = account('conf1')
    const [room] = sandbox.rows.conferencesOf(sid)
    const participants = `/Conferences/${room?.sid}/Participants`
    expect(await json('conf1', participants)).toMatchObject({ total: 0 })
    const call = sandbox.rows.addCall({ account_sid: sid, conference_sid: room?.sid ?? null, caller_name: 'Ada' })
    expect((await json('conf1', participants)).calls).toMatchObject([{ sid: call.sid, muted: false, hold: false }])
    sandbox.rows.finishCall(call.sid)
    expect(await json('conf1', participants)).toMatchObject({ total: 0 })
    const { calls } = await json('conf1', `/Calls?ConferenceSid=${room?.sid}`)
    expect(calls).toMatchObject([{ sid: call.sid, status: 'completed', duration: 0, caller_name: 'Ada' }])
  })

  it('show in the next answer: recordings of a call, with seconds as a number', async () => {
    const { sandbox, json } = await startRecorded()
    const { sid } = account('calls')
    const [call] = sandbox.rows.callsOf(sid)
    const date_created = '2019-01-12 10:00:00.000'
    const recording = sandbox.rows.addRecording({ account_sid: sid, call_sid: call?.sid ?? '', date_created })
    expect(await json('calls', `/Calls/${call?.sid}/Recordings`)).toEqual([
      {
        sid: recording.sid,
        date_created: 'Sat, 12 Jan 2019 10:00:00 +0000',
        date_updated: 'Sat, 12 Jan 2019 10:00:00 +0000',
        account_sid: sid,
        call_sid: call?.sid,
        duration: 12.5,
        api_version: '2012-04-24',
        uri: `/2012-04-24/Accounts/${sid}/Recordings/${recording.sid}.json`,
        file_uri: `/2012-04-24/Accounts/${sid}/Recordings/${recording.sid}.wav`,
      },
    ])
  })

  it('let a new account in', async () => {
    const { sandbox } = await startRecorded()
    const { sid, auth_token } = sandbox.rows.addAccount({ parent_sid: account('admin').sid })
    const headers = { Authorization: basic(sid, auth_token) }
    expect((await rawRequest(sandbox.url, `${ROOT}/${sid}/Conferences.json`, { headers })).status).toBe(200)
    sandbox.rows.updateAccount(sid, { status: 'closed' })
    expect((await rawRequest(sandbox.url, `${ROOT}/${sid}/Conferences.json`, { headers })).status).toBe(403)
  })

  it('never reach the rows that were given', async () => {
    const rows = recordedRows()
    const store = new RowStore(rows)
    for (const { sid } of rows.conferences) store.updateConference(sid, { status: 'COMPLETED' })
    for (const { sid } of rows.calls) store.updateCall(sid, { muted: true })
    expect(rows).toEqual(recordedRows())
  })

  it('that are not there are an error', () => {
    const store = new RowStore(NONE)
    expect(() => store.updateConference('CF1', {})).toThrow('no row CF1')
    expect(() => store.finishCall('CA1')).toThrow('no row CA1')
  })

  it('keep a call findable when it moves to another room or date', () => {
    const store = new RowStore(NONE)
    const early = store.addCall({ account_sid: 'AC1', conference_sid: 'CF1', date_created: '2019-01-01 00:00:00.000' })
    const late = store.addCall({ account_sid: 'AC1', conference_sid: 'CF1', date_created: '2019-01-02 00:00:00.000' })
    store.updateCall(early.sid, { conference_sid: 'CF2', date_created: '2019-01-03 00:00:00.000' })
    expect(store.callsIn('CF1').map(call => call.sid)).toEqual([late.sid])
    expect(store.callsIn('CF2').map(call => call.sid)).toEqual([early.sid])
    expect(store.callsOf('AC1').map(call => call.sid)).toEqual([early.sid, late.sid])
    expect(store.callsOf('AC1', 'oldest').map(call => call.sid)).toEqual([late.sid, early.sid])
  })
})

it('keeps every list in order through a thousand changes', () => {
  const store = new RowStore(NONE)
  const sids: string[] = []
  for (let round = 0; round < 1_000; round++) {
    const { sid } = store.addConference({ account_sid: 'AC1' })
    sids.push(sid)
    if (round % 3 === 0) store.updateConference(sids[round >> 1] ?? '', { status: 'STOPPING' })
    if (round % 5 === 0) store.removeConference(sids.splice(round >> 1, 1)[0] ?? '')
  }
  expect(store.conferencesOf('AC1').map(row => row.sid)).toEqual(sids.sort())
})

it('reads a page out of a hundred thousand rooms about as fast as out of five', async () => {
  const { organizations, accounts } = recordedRows()
  const store = new RowStore({ ...NONE, organizations, accounts })
  const { sid, password } = account('conf0')
  for (let room = 0; room < 5; room++) store.addConference({ account_sid: sid })
  const leastTime = async (rows: Rows, page: number): Promise<number> => {
    const sandbox = await startSandbox({ rows })
    onTestFinished(() => sandbox.close())
    const path = `${ROOT}/${sid}/Conferences?PageSize=5&Page=${page}`
    const headers = { Accept: 'application/json', Authorization: basic(sid, password) }
    const times: number[] = []
    for (let round = 0; round < 50; round++) {
      const from = performance.now()
      expect((await rawRequest(sandbox.url, path, { headers })).status).toBe(200)
      times.push(performance.now() - from)
    }
    // What else the machine does only ever adds to it.
    return Math.min(...times)
  }
  const few = await leastTime(store.snapshot(), 0)
  const [template] = store.conferencesOf(sid)
  const conferences = Array.from({ length: 100_000 }, (_, room) => ({
    ...(template ?? store.addConference({ account_sid: sid })),
    sid: `CF${String((room * 7_919) % 100_000).padStart(32, '0')}`,
  }))
  // A scan or a sort of them all would take tens of milliseconds.
  expect(await leastTime({ ...NONE, organizations, accounts, conferences }, 10_000)).toBeLessThan(few + 5)
})
