import { describe, expect, it, onTestFinished } from 'vitest'
import type { Rows } from '../../../src/sandbox/index.ts'
import { RowStore, startSandbox } from '../../../src/sandbox/index.ts'
import { basic, rawRequest } from './rawRequest.ts'
import { recordedRows } from './recordings.ts'
import { ACCOUNTS_PATH, account, startSandboxClient } from './sandboxClient.ts'

describe('rows of a running sandbox', () => {
  it('a conference added to the sandbox appears in the next response in the order of SIDs', async () => {
    const { sandbox, readJson } = await startSandboxClient()
    const { sid } = account('conf51')
    const { conferences: before } = await readJson('conf51', '/Conferences?PageSize=100')
    const added = sandbox.rows.addConference({ sid: `CF7${'f'.repeat(31)}`, account_sid: sid, friendly_name: 'New' })
    const { total, conferences } = await readJson('conf51', '/Conferences?PageSize=100')
    expect(total).toBe(52)
    expect(conferences.map(row => row.sid)).toEqual([...before.map(row => row.sid), added.sid].sort())
    expect(conferences.findIndex(row => row.sid === added.sid)).toBeGreaterThan(0)
    sandbox.rows.removeConference(added.sid)
    expect((await readJson('conf51', '/Conferences?PageSize=100')).conferences).toEqual(before)
  })

  it('a conference updated in the sandbox appears in the next response with its status and date', async () => {
    const { sandbox, readJson } = await startSandboxClient()
    const [conference] = sandbox.rows.conferencesOf(account('conf1').sid)
    sandbox.rows.updateConference(conference?.sid ?? '', {
      status: 'COMPLETED',
      date_updated: '2020-02-02 02:02:02.000',
    })
    const [row] = (await readJson('conf1', '/Conferences')).conferences
    expect(row).toMatchObject({ status: 'COMPLETED', date_updated: 'Sun, 2 Feb 2020 02:02:02 +0000' })
  })

  it('a call added to the sandbox appears in the next response, and as a finished call after its end', async () => {
    const { sandbox, readJson } = await startSandboxClient()
    const { sid } = account('conf1')
    const [conference] = sandbox.rows.conferencesOf(sid)
    const participants = `/Conferences/${conference?.sid}/Participants`
    expect(await readJson('conf1', participants)).toMatchObject({ total: 0 })
    const call = sandbox.rows.addCall({ account_sid: sid, conference_sid: conference?.sid ?? null, caller_name: 'Ada' })
    expect((await readJson('conf1', participants)).calls).toMatchObject([{ sid: call.sid, muted: false, hold: false }])
    sandbox.rows.finishCall(call.sid)
    expect(await readJson('conf1', participants)).toMatchObject({ total: 0 })
    const { calls } = await readJson('conf1', `/Calls?ConferenceSid=${conference?.sid}`)
    expect(calls).toMatchObject([{ sid: call.sid, status: 'completed', duration: 0, caller_name: 'Ada' }])
  })

  it('a recording added to the sandbox appears in the next response, with seconds as a number', async () => {
    const { sandbox, readJson } = await startSandboxClient()
    const { sid } = account('calls')
    const [call] = sandbox.rows.callsOf(sid)
    const date_created = '2019-01-12 10:00:00.000'
    const recording = sandbox.rows.addRecording({ account_sid: sid, call_sid: call?.sid ?? '', date_created })
    expect(await readJson('calls', `/Calls/${call?.sid}/Recordings`)).toEqual([
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

  it('an account added to the sandbox can authenticate', async () => {
    const { sandbox } = await startSandboxClient()
    const { sid, auth_token } = sandbox.rows.addAccount({ parent_sid: account('admin').sid })
    const headers = { Authorization: basic(sid, auth_token) }
    expect((await rawRequest(sandbox.url, `${ACCOUNTS_PATH}/${sid}/Conferences.json`, { headers })).status).toBe(200)
    sandbox.rows.updateAccount(sid, { status: 'closed' })
    expect((await rawRequest(sandbox.url, `${ACCOUNTS_PATH}/${sid}/Conferences.json`, { headers })).status).toBe(403)
  })
})

it('a page of 100,000 conferences in the sandbox costs about as much as a page of five', async () => {
  const { organizations, accounts } = recordedRows()
  const store = new RowStore({ organizations, accounts, conferences: [], calls: [] })
  const { sid, password } = account('conf0')
  for (let i = 0; i < 5; i++) store.addConference({ account_sid: sid })
  const leastTime = async (rows: Rows, page: number): Promise<number> => {
    const sandbox = await startSandbox({ rows })
    onTestFinished(() => sandbox.close())
    const path = `${ACCOUNTS_PATH}/${sid}/Conferences?PageSize=5&Page=${page}`
    const headers = { Accept: 'application/json', Authorization: basic(sid, password) }
    const times: number[] = []
    for (let round = 0; round < 50; round++) {
      const from = performance.now()
      expect((await rawRequest(sandbox.url, path, { headers })).status).toBe(200)
      times.push(performance.now() - from)
    }
    // The minimum excludes delays by the load of the machine.
    return Math.min(...times)
  }
  const few = await leastTime(store.snapshot(), 0)
  const [template] = store.conferencesOf(sid)
  const conferences = Array.from({ length: 100_000 }, (_, i) => ({
    ...(template ?? store.addConference({ account_sid: sid })),
    sid: `CF${String((i * 7_919) % 100_000).padStart(32, '0')}`,
  }))
  // A scan or a sort of the whole list would take tens of milliseconds.
  expect(await leastTime({ organizations, accounts, conferences, calls: [] }, 10_000)).toBeLessThan(few + 5)
})
