import { describe, expect, it } from 'vitest'
import { basic, rawRequest } from './rawRequest.ts'
import { ACCOUNTS_PATH, account, form, startSandboxClient } from './sandboxClient.ts'

const conferenceNamed = async (label: string, name: string) => {
  const client = await startSandboxClient()
  const conference = client.sandbox.rows.conferencesOf(account(label).sid).find(row => row.friendly_name === name)
  if (conference === undefined) throw new Error(`Account ${label} has no conference "${name}".`)
  return { ...client, conference }
}

describe('paging', () => {
  it('the sandbox has an empty last page for an exact multiple, and rejects the next page', async () => {
    const { readJson, send } = await startSandboxClient()
    expect(await readJson('conf100', '/Conferences?Page=2')).toMatchObject({ num_pages: 2, conferences: [] })
    expect((await send('conf100', '/Conferences?Page=3')).status).toBe(400)
  })

  it('the sandbox sends an exclusive `end` for the last page, and an inclusive `end` for all other pages', async () => {
    const { readJson } = await startSandboxClient()
    expect(await readJson('conf51', '/Conferences')).toMatchObject({ start: '0', end: '49' })
    expect(await readJson('conf51', '/Conferences?Page=1')).toMatchObject({ start: '50', end: '51' })
  })

  it('the pages of a sandbox list together have the rows of the whole list', async () => {
    const { readJson } = await startSandboxClient()
    const { conferences: all } = await readJson('conf137', '/Conferences?PageSize=200')
    const pages = await Promise.all(
      [0, 1, 2, 3].map(page => readJson('conf137', `/Conferences?PageSize=40&Page=${page}`)),
    )
    expect(pages.flatMap(page => page.conferences)).toEqual(all)
  })

  it('a conference added to the sandbox shifts all later offsets', async () => {
    const { sandbox, readJson } = await startSandboxClient()
    const second = '/Conferences?PageSize=10&Page=1'
    const before = (await readJson('conf137', second)).conferences
    const first = (await readJson('conf137', '/Conferences?PageSize=10')).conferences
    sandbox.rows.addConference({ account_sid: account('conf137').sid, sid: `CF00${'0'.repeat(30)}` })
    expect((await readJson('conf137', second)).conferences).toEqual([first.at(-1), ...before.slice(0, 9)])
  })
})

describe('filters', () => {
  it('the DateCreated filter of the sandbox matches the day and later days', async () => {
    const { readJson } = await startSandboxClient()
    expect((await readJson('mix', '/Conferences?DateCreated=2019-02-10')).total).toBe(18)
    expect((await readJson('mix', '/Conferences?DateCreated=-2019-02-10')).total).toBe(27)
    expect((await readJson('mix', '/Conferences?DateCreated=99999-01-01')).total).toBe(0)
  })

  it('the links in an envelope of the sandbox lack the filters', async () => {
    const { readJson } = await startSandboxClient()
    const { next_page_uri } = await readJson('mix', '/Conferences?FriendlyName=%25&PageSize=5')
    expect(next_page_uri).toMatch(/\/Conferences\?Page=1&PageSize=5&AfterSid=CF\w{32}$/)
  })

  it('sandbox filters after .json are decoded twice and lose emoji, and are correct with Accept', async () => {
    const { readJson } = await startSandboxClient()
    const headphones = encodeURIComponent('%🎧')
    expect((await readJson('mix', `/Conferences.json?FriendlyName=${headphones}`)).total).toBe(0)
    expect((await readJson('mix', `/Conferences?FriendlyName=${headphones}`)).total).toBe(1)
    const [twice] = (await readJson('mix', '/Conferences.json?FriendlyName=%2541')).conferences
    const [once] = (await readJson('mix', '/Conferences?FriendlyName=%2541')).conferences
    expect([twice?.friendly_name, once?.friendly_name]).toEqual(['A', '%41'])
  })
})

describe('participants', () => {
  it('every participant page of the sandbox has all participants, and only the envelope is paged', async () => {
    const { readJson, conference } = await conferenceNamed('part', 'Participants 120')
    for (const page of [0, 1, 2]) {
      const { calls } = await readJson('part', `/Conferences/${conference.sid}/Participants?Page=${page}`)
      expect(calls).toHaveLength(120)
    }
  })

  it('participants in the sandbox are readable by any account under any path', async () => {
    const { sandbox, conference } = await conferenceNamed('part', 'Participants 5')
    const { sid, password } = account('guest')
    const headers = { Accept: 'application/json', Authorization: basic(sid, password) }
    for (const path of [account('part').sid, 'nobody']) {
      const { body } = await rawRequest(
        sandbox.url,
        `${ACCOUNTS_PATH}/${path}/Conferences/${conference.sid}/Participants`,
        {
          headers,
        },
      )
      expect(JSON.parse(body).total).toBe(5)
    }
  })
})

describe('mute', () => {
  const muted = async (fields: Record<string, string>, before: boolean | null) => {
    const { sandbox, readJson, conference } = await conferenceNamed('part', 'Participants 5')
    const call = sandbox.rows.addCall({
      account_sid: account('part').sid,
      conference_sid: conference.sid,
      muted: before,
    })
    const path = `/Conferences/${conference.sid}/Participants/${call.sid}`
    const answer = await readJson('part', path, form(fields))
    return { answer: answer.muted, after: (await readJson('part', path)).muted }
  }

  it('a mute request to the sandbox responds with the flag before the change', async () => {
    expect(await muted({ Mute: 'true' }, false)).toEqual({ answer: false, after: true })
    expect(await muted({ Mute: 'false' }, true)).toEqual({ answer: true, after: false })
    expect(await muted({ Mute: 'TRUE' }, null)).toEqual({ answer: undefined, after: true })
  })

  it.each([{}, { Mute: 'yes' }, { Mute: '1' }, { Mute: '' }, { mute: 'true' }])(
    'a mute request to the sandbox with the form %j unmutes',
    async fields => {
      expect(await muted(fields, true)).toEqual({ answer: true, after: false })
    },
  )
})

describe('hanging up', () => {
  const hangUp = async (fields: Record<string, string>) => {
    const { sandbox, send, conference } = await conferenceNamed('part', 'Participants 5')
    const call = sandbox.rows.addCall({ account_sid: account('part').sid, conference_sid: conference.sid, muted: true })
    const { status, body } = await send('part', `/Calls/${call.sid}`, form(fields))
    return { status, answer: JSON.parse(body), row: sandbox.rows.call(call.sid), send, call }
  }

  it('a hang-up request to the sandbox completes the call and responds with the previous status', async () => {
    const { status, answer, row } = await hangUp({ Status: 'completed', Mute: 'true' })
    expect(status).toBe(200)
    expect(answer).toMatchObject({ sid: row?.sid, status: 'in-progress' })
    expect(row).toMatchObject({ status: 'completed', duration: expect.any(Number), end_time: expect.any(String) })
  })

  it('a hang-up request to the sandbox unmutes unless the form has the current Mute', async () => {
    expect((await hangUp({ Status: 'completed', Mute: 'true' })).row?.muted).toBe(true)
    expect((await hangUp({ Status: 'completed' })).row?.muted).toBe(false)
  })

  it('a hang-up request to the sandbox for an ended call is a 410', async () => {
    const { send, call } = await hangUp({ Status: 'completed' })
    const again = await send('part', `/Calls/${call.sid}`, form({ Status: 'completed' }))
    expect([again.status, again.body]).toEqual([410, 'Call is already completed.'])
  })

  it('a hang-up request to the sandbox without an acceptable format does not change the call', async () => {
    const { sandbox, send, conference } = await conferenceNamed('part', 'Participants 5')
    const call = sandbox.rows.addCall({ account_sid: account('part').sid, conference_sid: conference.sid })
    const hangUpRequest = form({ Status: 'completed' })
    const headers = { ...hangUpRequest.headers, Accept: 'application/xml' }
    expect((await send('part', `/Calls/${call.sid}`, { ...hangUpRequest, headers })).status).toBe(406)
    expect(sandbox.rows.call(call.sid)?.status).toBe('in-progress')
  })
})

describe('accounts', () => {
  it('accounts in the sandbox are readable by SID and by e-mail address, token included', async () => {
    const { sandbox } = await startSandboxClient()
    const { sid, password } = account('conf1')
    const headers = { Accept: 'application/json', Authorization: basic('conf1@example.com', password) }
    for (const name of [sid, 'conf1%40example.com']) {
      const { status, body } = await rawRequest(sandbox.url, `${ACCOUNTS_PATH}/${name}`, { headers })
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
    { reader: 'admin', target: 'conf1', status: 200 },
    { reader: 'admin', target: 'closed', status: 200 },
    { reader: 'conf1', target: 'grandchild', status: 200 },
    { reader: 'conf1', target: 'admin', status: 403 },
    { reader: 'conf1', target: 'conf50', status: 403 },
    { reader: 'guest', target: 'guest', status: 403 },
    { reader: 'other-top', target: 'conf1', status: 403 },
  ])(
    'a read of account $target in the sandbox with the credentials of $reader is a $status',
    async ({ reader, target, status }) => {
      const { sandbox } = await startSandboxClient()
      const { sid, password } = account(reader)
      const headers = { Accept: 'application/json', Authorization: basic(sid, password) }
      expect((await rawRequest(sandbox.url, `${ACCOUNTS_PATH}/${account(target).sid}`, { headers })).status).toBe(
        status,
      )
    },
  )

  it('an unknown account in the sandbox is a 404 by its own path and a 500 in a longer path', async () => {
    const { sandbox } = await startSandboxClient()
    const { sid, password } = account('conf1')
    const headers = { Accept: 'application/json', Authorization: basic(sid, password) }
    const unknown = `${ACCOUNTS_PATH}/AC${'0'.repeat(32)}`
    expect((await rawRequest(sandbox.url, unknown, { headers })).status).toBe(404)
    expect((await rawRequest(sandbox.url, `${unknown}/Conferences`, { headers })).status).toBe(500)
  })
})
