import { describe, expect, it } from 'vitest'
import type { Sandbox, SandboxOptions } from '../../../src/sandbox/index.ts'
import { account, startSandboxClient } from './sandboxClient.ts'

const startCloud = (options: Partial<SandboxOptions> = {}) => startSandboxClient({ dialect: 'cloud', ...options })

describe('the envelope of the cloud dialect', () => {
  it('the envelope of the cloud dialect has the documented order of members, with a limit', async () => {
    const { send } = await startCloud()
    const uri = `/2012-04-24/Accounts/${account('conf1').sid}/Conferences`
    const { conferences: _rows, ...envelope } = JSON.parse((await send('conf1', '/Conferences?PageSize=1')).body)
    expect(Object.entries(envelope)).toEqual([
      ['page', 0],
      ['num_pages', 0],
      ['page_size', 1],
      ['total', 1],
      ['limit', 10_000],
      ['start', '0'],
      ['end', '1'],
      ['uri', uri],
      ['first_page_uri', `${uri}?Page=0&PageSize=1&Limit=10000`],
      ['previous_page_uri', 'null'],
      ['next_page_uri', 'null'],
      ['last_page_uri', `${uri}?Page=0&PageSize=1&Limit=10000`],
    ])
  })

  it.each([
    { label: 'conf0', query: '', num_pages: 0, end: '0' },
    { label: 'conf49', query: '', num_pages: 0, end: '49' },
    { label: 'conf50', query: '', num_pages: 0, end: '50' },
    { label: 'conf51', query: '', num_pages: 1, end: '49' },
    { label: 'conf51', query: '?Page=1', num_pages: 1, end: '51' },
    { label: 'conf100', query: '?Page=1', num_pages: 1, end: '100' },
    { label: 'conf137', query: '?PageSize=10&Page=13', num_pages: 13, end: '137' },
  ])(
    'the cloud envelope of $label$query has num_pages $num_pages and end $end',
    async ({ label, query, num_pages, end }) => {
      const { readJson } = await startCloud()
      expect(await readJson(label, `/Conferences${query}`)).toMatchObject({ num_pages, end })
    },
  )

  it('the cloud dialect has no empty last page for an exact multiple', async () => {
    const { send } = await startCloud()
    expect((await send('conf100', '/Conferences?Page=2')).status).toBe(400)
  })
})

describe('the conference list of the cloud dialect', () => {
  it('the cloud dialect cuts the conference list at the limit', async () => {
    const { readJson } = await startCloud()
    expect(await readJson('conf137', '/Conferences?Limit=25&PageSize=10&Page=2')).toMatchObject({
      total: 25,
      limit: 25,
      num_pages: 2,
      end: '25',
      conferences: { length: 5 },
    })
  })

  it('the cloud dialect caps the page size, also in the envelope', async () => {
    const { readJson } = await startCloud({ maxPageSize: 20 })
    const { total, page_size, conferences } = await readJson('conf137', '/Conferences?PageSize=100&Page=1')
    expect({ total, page_size, rows: conferences.length }).toEqual({ total: 137, page_size: 20, rows: 20 })
    const { conferences: all } = await (await startCloud()).readJson('conf137', '/Conferences?PageSize=137')
    expect(conferences).toEqual(all.slice(20, 40))
  })

  it('the cloud dialect filters by the day of creation with StartTime and EndTime', async () => {
    const { readJson } = await startCloud()
    const { conferences } = await readJson('mix', '/Conferences?StartTime=2019-02-10&EndTime=2019-02-12')
    expect(conferences.map(row => String(row.date_created).slice(5, 16)).sort()).toEqual([
      '10 Feb 2019',
      '11 Feb 2019',
      '12 Feb 2019',
      '13 Feb 2019',
    ])
  })

  it('the cloud dialect filters by the conference of a call with CallSid', async () => {
    const { sandbox, readJson } = await startCloud()
    const conference = sandbox.rows.conferencesOf(account('mix').sid).find(row => row.friendly_name === 'Room of mix')
    const [call] = sandbox.rows.callsIn(conference?.sid ?? '')
    const { total, conferences } = await readJson('mix', `/Conferences?CallSid=${call?.sid}`)
    expect({ total, sid: conferences[0]?.sid }).toEqual({ total: 1, sid: conference?.sid })
    expect(await readJson('mix', '/Conferences?CallSid=nobody')).toMatchObject({ total: 0 })
  })

  it('the cloud dialect filters DateUpdated up to the end of the day', async () => {
    const { readJson } = await startCloud()
    const { total } = await readJson('mix', '/Conferences?DateUpdated=2019-03-05')
    expect(total).toBeGreaterThan(0)
    expect(total).toBeLessThan(27)
  })

  it('the cloud dialect answers 400 for an invalid date', async () => {
    const { send } = await startCloud()
    for (const filter of ['StartTime', 'EndTime', 'DateUpdated', 'DateCreated']) {
      expect((await send('mix', `/Conferences?${filter}=soon`)).status).toBe(400)
    }
  })
})

describe('the participants of the cloud dialect', () => {
  const largeConferenceOf = (sandbox: Sandbox) => {
    const conferences = sandbox.rows.conferencesOf(account('part').sid)
    return conferences.find(row => row.friendly_name === 'Participants 120')
  }

  it('participants of the cloud dialect are not paged by default', async () => {
    const { sandbox, readJson } = await startCloud()
    const conference = largeConferenceOf(sandbox)
    const { total, calls } = await readJson('part', `/Conferences/${conference?.sid}/Participants?PageSize=7`)
    expect(total).toBe(120)
    expect(calls).toHaveLength(120)
  })

  it('participants of the cloud dialect with pagedParticipants are paged by the capped size', async () => {
    const { sandbox, readJson } = await startCloud({ pagedParticipants: true, maxPageSize: 7 })
    const conference = largeConferenceOf(sandbox)
    const path = `/Conferences/${conference?.sid}/Participants`
    const { total, page_size } = await readJson('part', path)
    expect({ total, page_size }).toEqual({ total: 120, page_size: 7 })
    const sids = new Set<string>()
    for (let page = 0; page * 7 < total; page++) {
      const { calls } = await readJson('part', `${path}?Page=${page}`)
      expect(calls.length).toBeLessThanOrEqual(7)
      for (const call of calls) sids.add(call.sid)
    }
    expect(sids.size).toBe(total)
  })
})

it('the connect dialect has no behaviour of the cloud dialect', async () => {
  const { readJson } = await startSandboxClient({ maxPageSize: 3 })
  const answer = await readJson('conf51', '/Conferences?Limit=1&StartTime=x&EndTime=x&CallSid=x')
  expect(answer).toMatchObject({ total: 51, page_size: 50 })
  expect(answer).not.toHaveProperty('limit')
})
