import { describe, expect, it } from 'vitest'
import { parseJavaDate } from '../../../src/sandbox/lists/javaDate.ts'
import { parseJavaInteger } from '../../../src/sandbox/lists/javaInteger.ts'
import { createLikeMatcher } from '../../../src/sandbox/lists/sqlLike.ts'
import { account, form, ROOT, startRecorded } from './ask.ts'
import { basic, rawRequest } from './rawRequest.ts'

const conferenceNamed = async (label: string, name: string) => {
  const asking = await startRecorded()
  const rooms = asking.sandbox.rows.conferencesOf(account(label).sid)
  const room = rooms.find(row => row.friendly_name === name)
  if (room === undefined) throw new Error(`${label} has no room ${name}.`)
  return { ...asking, room }
}

describe('paging', () => {
  it('the sandbox has an empty last page for an exact multiple, and rejects the next page', async () => {
    const { json, ask } = await startRecorded()
    expect(await json('conf100', '/Conferences?Page=2')).toMatchObject({ num_pages: 2, conferences: [] })
    expect((await ask('conf100', '/Conferences?Page=3')).status).toBe(400)
  })

  it('the `end` of the last page is exclusive, and inclusive for all other pages', async () => {
    const { json } = await startRecorded()
    expect(await json('conf51', '/Conferences')).toMatchObject({ start: '0', end: '49' })
    expect(await json('conf51', '/Conferences?Page=1')).toMatchObject({ start: '50', end: '51' })
  })

  it('the pages of a list together have the rows of the whole list', async () => {
    const { json } = await startRecorded()
    const { conferences: all } = await json('conf137', '/Conferences?PageSize=200')
    const pages = await Promise.all([0, 1, 2, 3].map(page => json('conf137', `/Conferences?PageSize=40&Page=${page}`)))
    expect(pages.flatMap(page => page.conferences)).toEqual(all)
  })

  it('a new conference shifts all later offsets', async () => {
    const { sandbox, json } = await startRecorded()
    const second = '/Conferences?PageSize=10&Page=1'
    const before = (await json('conf137', second)).conferences
    const first = (await json('conf137', '/Conferences?PageSize=10')).conferences
    sandbox.rows.addConference({ account_sid: account('conf137').sid, sid: `CF00${'0'.repeat(30)}` })
    expect((await json('conf137', second)).conferences).toEqual([first.at(-1), ...before.slice(0, 9)])
  })

  it.each(['5', '+5', '005', '٥'])('parseJavaInteger parses %s as five', text => {
    expect(parseJavaInteger(text)).toBe(5)
  })

  it.each(['', ' ', '5 ', '1.5', '0x5', '1e1', 'abc', 'null', '2147483648', '--5', '𝟓'])(
    'refuses the number "%s"',
    text => {
      expect(() => parseJavaInteger(text)).toThrow('500')
    },
  )
})

describe('filters', () => {
  it.each([
    { pattern: 'Weekly sync', text: 'Weekly sync', holds: true },
    { pattern: 'weekly sync', text: 'Weekly sync', holds: false },
    { pattern: 'Week%', text: 'Weekly sync', holds: true },
    { pattern: '%e%sync', text: 'Weekly sync', holds: true },
    { pattern: '%sync', text: 'Weekly sync', holds: true },
    { pattern: '%sync', text: 'Weekly syncs', holds: false },
    { pattern: '%kly%', text: 'Weekly sync', holds: true },
    { pattern: 'kly%', text: 'Weekly sync', holds: false },
    { pattern: '%_', text: '', holds: false },
    { pattern: '%%', text: 'any', holds: true },
    { pattern: 'W_ekly%', text: 'Weekly sync', holds: true },
    { pattern: 'Weekly sync_', text: 'Weekly sync', holds: false },
    { pattern: '%', text: '', holds: true },
    { pattern: '', text: '', holds: true },
    { pattern: '', text: 'a', holds: false },
    { pattern: '%', text: null, holds: false },
    { pattern: '', text: null, holds: false },
    { pattern: '100\\% sure', text: '100% sure', holds: false },
    { pattern: '%a%a%a%a%a%a%a%b', text: 'a'.repeat(5_000), holds: false },
  ])('createLikeMatcher: $text LIKE "$pattern" is $holds', ({ pattern, text, holds }) => {
    expect(createLikeMatcher(pattern)(text)).toBe(holds)
  })

  it.each([
    { text: '2019-02-10', day: '2019-02-10' },
    { text: ' 2019-2-9', day: '2019-02-09' },
    { text: '2019-13-45', day: '2020-02-14' },
    { text: '2019-02-10junk', day: '2019-02-10' },
    { text: '2019-02-10T12:00:00Z', day: '2019-02-10' },
    { text: '19-02-10', day: '0019-02-10' },
  ])('parseJavaDate parses "$text" as $day', ({ text, day }) => {
    expect(parseJavaDate(text).toISOString().slice(0, 10)).toBe(day)
  })

  it.each(['', 'abc', '20190210', '2019/02/10', '>=2019-02-10', 'Sun, 10 Feb 2019'])(
    'parseJavaDate rejects "%s"',
    text => {
      expect(() => parseJavaDate(text)).toThrow('400')
    },
  )

  it('the filter DateCreated matches the day and later days', async () => {
    const { json } = await startRecorded()
    expect((await json('mix', '/Conferences?DateCreated=2019-02-10')).total).toBe(18)
    expect((await json('mix', '/Conferences?DateCreated=-2019-02-10')).total).toBe(27)
    expect((await json('mix', '/Conferences?DateCreated=99999-01-01')).total).toBe(0)
  })

  it('filters are missing in the links of the envelope', async () => {
    const { json } = await startRecorded()
    const { next_page_uri } = await json('mix', '/Conferences?FriendlyName=%25&PageSize=5')
    expect(next_page_uri).toMatch(/\/Conferences\?Page=1&PageSize=5&AfterSid=CF\w{32}$/)
  })

  it('filters after .json are decoded twice and lose emoji, and are correct with Accept', async () => {
    const { json } = await startRecorded()
    const headphones = encodeURIComponent('%🎧')
    expect((await json('mix', `/Conferences.json?FriendlyName=${headphones}`)).total).toBe(0)
    expect((await json('mix', `/Conferences?FriendlyName=${headphones}`)).total).toBe(1)
    const [twice] = (await json('mix', '/Conferences.json?FriendlyName=%2541')).conferences
    const [once] = (await json('mix', '/Conferences?FriendlyName=%2541')).conferences
    expect([twice?.friendly_name, once?.friendly_name]).toEqual(['A', '%41'])
  })
})

describe('participants', () => {
  it('every page of participants has all participants; only the envelope is paged', async () => {
    const { json, room } = await conferenceNamed('part', 'Participants 120')
    for (const page of [0, 1, 2]) {
      const { calls } = await json('part', `/Conferences/${room.sid}/Participants?Page=${page}`)
      expect(calls).toHaveLength(120)
    }
  })

  it('participants are readable by any account under any path', async () => {
    const { sandbox, room } = await conferenceNamed('part', 'Participants 5')
    const { sid, password } = account('guest')
    const headers = { Accept: 'application/json', Authorization: basic(sid, password) }
    for (const path of [account('part').sid, 'nobody']) {
      const { body } = await rawRequest(sandbox.url, `${ROOT}/${path}/Conferences/${room.sid}/Participants`, {
        headers,
      })
      expect(JSON.parse(body).total).toBe(5)
    }
  })
})

describe('mute', () => {
  const muted = async (fields: Record<string, string>, before: boolean | null) => {
    const { sandbox, json, room } = await conferenceNamed('part', 'Participants 5')
    const call = sandbox.rows.addCall({ account_sid: account('part').sid, conference_sid: room.sid, muted: before })
    const path = `/Conferences/${room.sid}/Participants/${call.sid}`
    const answer = await json('part', path, form(fields))
    return { answer: answer.muted, after: (await json('part', path)).muted }
  }

  it('a mute responds with the flag before the change', async () => {
    expect(await muted({ Mute: 'true' }, false)).toEqual({ answer: false, after: true })
    expect(await muted({ Mute: 'false' }, true)).toEqual({ answer: true, after: false })
    expect(await muted({ Mute: 'TRUE' }, null)).toEqual({ answer: undefined, after: true })
  })

  it.each([{}, { Mute: 'yes' }, { Mute: '1' }, { Mute: '' }, { mute: 'true' }])(
    'a mute request with the form %j unmutes',
    async fields => {
      expect(await muted(fields, true)).toEqual({ answer: true, after: false })
    },
  )
})

describe('hanging up', () => {
  const hangUp = async (fields: Record<string, string>) => {
    const { sandbox, ask, room } = await conferenceNamed('part', 'Participants 5')
    const call = sandbox.rows.addCall({ account_sid: account('part').sid, conference_sid: room.sid, muted: true })
    const { status, body } = await ask('part', `/Calls/${call.sid}`, form(fields))
    return { status, answer: JSON.parse(body), row: sandbox.rows.call(call.sid), ask, call }
  }

  it('a hang-up completes the call and responds with the previous status', async () => {
    const { status, answer, row } = await hangUp({ Status: 'completed', Mute: 'true' })
    expect(status).toBe(200)
    expect(answer).toMatchObject({ sid: row?.sid, status: 'in-progress' })
    expect(row).toMatchObject({ status: 'completed', duration: expect.any(Number), end_time: expect.any(String) })
  })

  it('a hang-up unmutes unless the form has the current Mute', async () => {
    expect((await hangUp({ Status: 'completed', Mute: 'true' })).row?.muted).toBe(true)
    expect((await hangUp({ Status: 'completed' })).row?.muted).toBe(false)
  })

  it('a hang-up of an ended call is a 410', async () => {
    const { ask, call } = await hangUp({ Status: 'completed' })
    const again = await ask('part', `/Calls/${call.sid}`, form({ Status: 'completed' }))
    expect([again.status, again.body]).toEqual([410, 'Call is already completed.'])
  })

  it('a hang-up without an acceptable format does not change the call', async () => {
    const { sandbox, ask, room } = await conferenceNamed('part', 'Participants 5')
    const call = sandbox.rows.addCall({ account_sid: account('part').sid, conference_sid: room.sid })
    const asked = form({ Status: 'completed' })
    const headers = { ...asked.headers, Accept: 'application/xml' }
    expect((await ask('part', `/Calls/${call.sid}`, { ...asked, headers })).status).toBe(406)
    expect(sandbox.rows.call(call.sid)?.status).toBe('in-progress')
  })
})

describe('accounts', () => {
  it('accounts are readable by SID and by e-mail address, token included', async () => {
    const { sandbox } = await startRecorded()
    const { sid, password } = account('conf1')
    const headers = { Accept: 'application/json', Authorization: basic('conf1@example.com', password) }
    for (const name of [sid, 'conf1%40example.com']) {
      const { status, body } = await rawRequest(sandbox.url, `${ROOT}/${name}`, { headers })
      expect(status).toBe(200)
      expect(JSON.parse(body)).toMatchObject({
        sid,
        friendly_name: 'conf1',
        email_address: 'conf1@example.com',
        type: 'Full',
        status: 'active',
        role: 'Developer',
        auth_token: password,
        uri: `/2012-04-24/Accounts/${sid}.json`,
      })
    }
  })

  it.each([
    { asker: 'admin', target: 'conf1', status: 200 },
    { asker: 'admin', target: 'closed', status: 200 },
    { asker: 'conf1', target: 'grandchild', status: 200 },
    { asker: 'conf1', target: 'admin', status: 403 },
    { asker: 'conf1', target: 'conf50', status: 403 },
    { asker: 'guest', target: 'guest', status: 403 },
    { asker: 'other-top', target: 'conf1', status: 403 },
  ])('$target read by $asker is a $status', async ({ asker, target, status }) => {
    const { sandbox } = await startRecorded()
    const { sid, password } = account(asker)
    const headers = { Accept: 'application/json', Authorization: basic(sid, password) }
    expect((await rawRequest(sandbox.url, `${ROOT}/${account(target).sid}`, { headers })).status).toBe(status)
  })

  it('an unknown account is a 404 by its own path and a 500 in a longer path', async () => {
    const { sandbox } = await startRecorded()
    const { sid, password } = account('conf1')
    const headers = { Accept: 'application/json', Authorization: basic(sid, password) }
    const unknown = `${ROOT}/AC${'0'.repeat(32)}`
    expect((await rawRequest(sandbox.url, unknown, { headers })).status).toBe(404)
    expect((await rawRequest(sandbox.url, `${unknown}/Conferences`, { headers })).status).toBe(500)
  })
})
