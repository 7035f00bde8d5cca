import { describe, expect, it, onTestFinished } from 'vitest'
import type { Rows } from '../../../src/sandbox/index.ts'
import { parseRows, RowStore, startSandbox } from '../../../src/sandbox/index.ts'
import { account, ROOT, startRecorded } from './ask.ts'
import { basic, rawRequest } from './rawRequest.ts'
import { recordedRows, recordedRowsText } from './recordings.ts'

const NONE: Rows = { organizations: [], accounts: [], conferences: [], calls: [] }

describe('parseRows', () => {
  it('parseRows reads the recorded rows unchanged', () => {
    expect(parseRows(recordedRowsText())).toEqual({ ...recordedRows(), recordings: [] })
  })

  it('parseRows accepts missing nullable columns and unknown columns', () => {
    const { conferences } = recordedRows()
    const [first] = conferences
    const { friendly_name: _name, ...nameless } = { ...first, colour: 'blue' }
    const [row] = parseRows(JSON.stringify({ ...NONE, conferences: [nameless] })).conferences
    expect(row).toEqual({ ...first, friendly_name: null })
  })

  const [conference] = recordedRows().conferences
  it.each([
    { text: '{', message: /^The rows are not valid JSON: / },
    {
      text: '[]',
      message:
        'The rows are []: expected a JSON object of arrays, organizations, accounts, conferences, calls, recordings.',
    },
    { text: '{"organizations":[]}', message: '"accounts" is missing: expected an array of rows.' },
    { text: JSON.stringify({ ...NONE, calls: [7] }), message: 'calls[0] is 7: expected an object.' },
    {
      text: JSON.stringify({ ...NONE, conferences: [{ ...conference, status: null }] }),
      message: 'conferences[0]: status is null, expected a string.',
    },
    {
      text: JSON.stringify({ ...NONE, conferences: [{ ...conference, master_present: 'yes' }] }),
      message: 'conferences[0]: master_present is "yes", expected true or false or null.',
    },
    {
      text: JSON.stringify({ ...NONE, conferences: [{ ...conference, date_created: '2019-01-01T00:00:00Z' }] }),
      message:
        'conferences[0]: date_created is "2019-01-01T00:00:00Z", expected a UTC time such as "2019-01-31 23:59:59.999".',
    },
    {
      text: JSON.stringify({ ...NONE, conferences: [conference, conference] }),
      message: `conferences[1]: duplicate sid ${conference?.sid}.`,
    },
  ])('parseRows rejects invalid rows: $message', ({ text, message }) => {
    expect(() => parseRows(text)).toThrow(message)
  })
})

describe('RowStore', () => {
  it('a new conference appears in the next response in the order of SIDs', async () => {
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

  it('an updated conference appears in the next response with its status and date', async () => {
    const { sandbox, json } = await startRecorded()
    const [room] = sandbox.rows.conferencesOf(account('conf1').sid)
    sandbox.rows.updateConference(room?.sid ?? '', { status: 'COMPLETED', date_updated: '2020-02-02 02:02:02.000' })
    const [row] = (await json('conf1', '/Conferences')).conferences
    expect(row).toMatchObject({ status: 'COMPLETED', date_updated: 'Sun, 2 Feb 2020 02:02:02 +0000' })
  })

  it('a new call appears in the next response, and as a finished call after its end', async () => {
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

  it('a new recording appears in the next response, with seconds as a number', async () => {
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

  it('a new account can log in', async () => {
    const { sandbox } = await startRecorded()
    const { sid, auth_token } = sandbox.rows.addAccount({ parent_sid: account('admin').sid })
    const headers = { Authorization: basic(sid, auth_token) }
    expect((await rawRequest(sandbox.url, `${ROOT}/${sid}/Conferences.json`, { headers })).status).toBe(200)
    sandbox.rows.updateAccount(sid, { status: 'closed' })
    expect((await rawRequest(sandbox.url, `${ROOT}/${sid}/Conferences.json`, { headers })).status).toBe(403)
  })

  it('changes never affect the rows passed to the store', async () => {
    const rows = recordedRows()
    const store = new RowStore(rows)
    for (const { sid } of rows.conferences) store.updateConference(sid, { status: 'COMPLETED' })
    for (const { sid } of rows.calls) store.updateCall(sid, { muted: true })
    expect(rows).toEqual(recordedRows())
  })

  it('an update of an unknown row throws', () => {
    const store = new RowStore(NONE)
    expect(() => store.updateConference('CF1', {})).toThrow('no row CF1')
    expect(() => store.finishCall('CA1')).toThrow('no row CA1')
  })

  it('a call stays in the lists after a change of its conference or date', () => {
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

it('RowStore keeps every list in order through a thousand changes', () => {
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

it('a page of a list of 100,000 conferences costs about as much as a page of five', async () => {
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
    // The minimum excludes the load of other processes.
    return Math.min(...times)
  }
  const few = await leastTime(store.snapshot(), 0)
  const [template] = store.conferencesOf(sid)
  const conferences = Array.from({ length: 100_000 }, (_, room) => ({
    ...(template ?? store.addConference({ account_sid: sid })),
    sid: `CF${String((room * 7_919) % 100_000).padStart(32, '0')}`,
  }))
  // A scan or a sort of the whole list would take tens of milliseconds.
  expect(await leastTime({ ...NONE, organizations, accounts, conferences }, 10_000)).toBeLessThan(few + 5)
})
