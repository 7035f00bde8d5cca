import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { accountOf, basic, startGateway, type TestGateway } from '../../support/gateway.ts'
import { idOf } from '../../support/nodeId.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway({ env: { MUTATION_SETTLE_MS: '600' } })
})
afterAll(() => gateway.close())

const account = accountOf('part').sid

/** A room of its own for each test, with so many callers. */
const room = (callers: number, muted = false) => {
  const { sid } = gateway.sandbox.rows.addConference({ account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' })
  const calls = Array.from({ length: callers }, () =>
    gateway.sandbox.rows.addCall({ account_sid: account, conference_sid: sid, muted }),
  )
  const ids = calls.map(call => idOf('Participant', account, sid, call.sid))
  return { sid, id: idOf('Conference', account, sid), calls: calls.map(call => call.sid), ids }
}
const isMuted = (call: string | undefined) => gateway.sandbox.rows.call(call ?? '')?.muted
const statusOf = (call: string | undefined) => gateway.sandbox.rows.call(call ?? '')?.status
const posts = () => gateway.sandbox.requests.filter(({ method }) => method === 'POST')

const NOT_SHOWN = { code: 'REFUSED', message: 'Restcomm took this, and does not show it yet.', field: null }
const USER_ERRORS = 'userErrors { code message participantId field }'
const mutate = (field: string, input: object, selection: string, as = 'part') =>
  gateway.query(
    `mutation ($input: ${field[0]?.toUpperCase()}${field.slice(1)}Input!) { ${field}(input: $input) { ${selection} ${USER_ERRORS} } }`,
    {
      as,
      variables: { input },
    },
  )

beforeEach(() => {
  gateway.sandbox.intercept(null)
  gateway.sandbox.clearRequests()
})

describe.each([
  { field: 'muteParticipant', muted: true },
  { field: 'unmuteParticipant', muted: false },
])('$field', ({ field, muted }) => {
  it('sends the flag once, and returns the participant as it is afterwards, not as the answer has it', async () => {
    const { ids, calls } = room(2, !muted)
    const { data, errors } = await mutate(
      field,
      { participantId: ids[0] },
      'participant { id muted conference { participants { nodes { muted } } } }',
    )
    expect(errors).toBeUndefined()
    const { participant, userErrors } = data[field]
    expect(userErrors).toEqual([])
    expect(participant).toMatchObject({ id: ids[0], muted })
    const { nodes } = participant.conference.participants
    expect(nodes).toHaveLength(2)
    expect(nodes).toEqual(expect.arrayContaining([{ muted: true }, { muted: false }]))
    expect(calls.map(isMuted)).toEqual([muted, !muted])
    expect(posts()).toHaveLength(1)
  })
})

describe('muteParticipant', () => {
  const mute = (participantId: string | undefined, as = 'part') =>
    mutate('muteParticipant', { participantId }, 'participant { id muted }', as)

  it('waits for a change that shows late, and says so where it does not show in time', async () => {
    const { ids, calls, sid } = room(1)
    let looks = 0
    let showsAfter = 3
    gateway.sandbox.intercept(({ method, path }) => {
      if (method !== 'GET' || !path.includes(`${sid}/Participants`)) return undefined
      looks++
      if (looks > 1 && looks <= showsAfter) gateway.sandbox.rows.updateCall(calls[0] ?? '', { muted: false })
      else if (looks > showsAfter) gateway.sandbox.rows.updateCall(calls[0] ?? '', { muted: true })
      return undefined
    })
    expect((await mute(ids[0])).data.muteParticipant).toEqual({
      participant: { id: ids[0], muted: true },
      userErrors: [],
    })
    expect(looks).toBe(4)
    showsAfter = 1_000
    looks = 0
    gateway.sandbox.rows.updateCall(calls[0] ?? '', { muted: false })
    expect((await mute(ids[0])).data.muteParticipant).toEqual({
      participant: { id: ids[0], muted: false },
      userErrors: [{ ...NOT_SHOWN, participantId: ids[0] }],
    })
    expect(posts()).toHaveLength(2)
  })

  it('says nothing of what Restcomm does not show at all', async () => {
    const { ids, calls, sid } = room(1)
    gateway.sandbox.intercept(({ method, path }) => {
      if (method !== 'GET' || !path.includes(`${sid}/Participants`)) return undefined
      gateway.sandbox.rows.updateCall(calls[0] ?? '', { muted: null })
      return undefined
    })
    expect((await mute(ids[0])).data.muteParticipant).toEqual({
      participant: { id: ids[0], muted: null },
      userErrors: [],
    })
  })

  it('acts on nobody who is not in that conference, though Restcomm would', async () => {
    const [here, elsewhere] = [room(1), room(1)]
    const { data } = await mute(idOf('Participant', account, here.sid, elsewhere.calls[0] ?? ''))
    expect(data.muteParticipant).toMatchObject({
      participant: null,
      userErrors: [{ code: 'PARTICIPANT_NOT_FOUND', field: ['input', 'participantId'] }],
    })
    expect(posts()).toEqual([])
  })

  it('acts on nobody with credentials that may not read the conference', async () => {
    const { ids } = room(1)
    const { errors } = await mute(ids[0], 'conf1')
    expect(errors).toMatchObject([{ path: ['muteParticipant'], extensions: { code: 'FORBIDDEN' } }])
    expect(posts()).toEqual([])
  })

  it('of a conference that is over, or is not there, is a userError', async () => {
    const { sid, calls } = room(1)
    gateway.sandbox.rows.updateConference(sid, { status: 'COMPLETED' })
    expect(
      (await mute(idOf('Participant', account, sid, calls[0] ?? ''))).data.muteParticipant.userErrors,
    ).toMatchObject([{ code: 'NOT_IN_PROGRESS' }])
    const nowhere = idOf('Participant', account, `CF${'0'.repeat(32)}`, calls[0] ?? '')
    expect((await mute(nowhere)).data.muteParticipant.userErrors).toMatchObject([{ code: 'CONFERENCE_NOT_FOUND' }])
    expect(posts()).toEqual([])
  })

  it.each([
    { status: 400, code: 'REFUSED' },
    { status: 403, code: 'REFUSED' },
    { status: 406, code: 'PARTICIPANT_NOT_FOUND' },
    { status: 410, code: 'CALL_ENDED' },
  ])('that Restcomm answers with $status is $code', async ({ status, code }) => {
    const { ids } = room(1)
    gateway.sandbox.intercept(({ method }) => (method === 'POST' ? { status } : undefined))
    const { data, errors } = await mute(ids[0])
    expect(errors).toBeUndefined()
    expect(data.muteParticipant.userErrors).toMatchObject([{ code, participantId: ids[0] }])
    expect(posts()).toHaveLength(1)
  })

  it('that fails because the call has just ended is CALL_ENDED; any other failure is an error, and is not tried again', async () => {
    const { ids, calls } = room(1)
    gateway.sandbox.intercept(({ method }) => {
      if (method !== 'POST') return undefined
      gateway.sandbox.rows.finishCall(calls[0] ?? '')
      return { status: 500 }
    })
    expect((await mute(ids[0])).data.muteParticipant).toMatchObject({
      participant: null,
      userErrors: [{ code: 'CALL_ENDED' }],
    })
    const other = room(1)
    for (const interception of [{ status: 500 }, { status: 503 }, 'reset'] as const) {
      gateway.sandbox.clearRequests()
      gateway.sandbox.intercept(({ method }) => (method === 'POST' ? interception : undefined))
      const { errors } = await mute(other.ids[0])
      expect(errors).toMatchObject([{ path: ['muteParticipant'], extensions: { code: 'UPSTREAM_UNAVAILABLE' } }])
      expect(posts()).toHaveLength(1)
    }
  })

  it('is refused over GET', async () => {
    const { ids, calls } = room(1)
    const query = `mutation { muteParticipant(input: { participantId: "${ids[0]}" }) { participant { muted } } }`
    const response = await fetch(`${gateway.url}?query=${encodeURIComponent(query)}`, {
      headers: { authorization: basic('part'), accept: 'application/graphql-response+json' },
    })
    expect(response.status).toBe(405)
    expect(isMuted(calls[0])).toBe(false)
    expect(posts()).toEqual([])
  })

  it('takes an id of a participant only', async () => {
    const { id } = room(1)
    for (const bad of ['garbage', id]) {
      expect((await mute(bad)).errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
    }
    expect(gateway.asked()).toEqual([])
  })
})

describe('hangUpParticipant', () => {
  const SELECTION = 'call { sid status } conference { sid participants { totalCount } }'

  it.each([true, false])('ends the call, sending the flag that it has (muted: %s) along', async muted => {
    const { ids, calls, sid } = room(3, muted)
    const { data, errors } = await mutate('hangUpParticipant', { participantId: ids[1] }, SELECTION)
    expect(errors).toBeUndefined()
    expect(data.hangUpParticipant).toEqual({
      call: { sid: calls[1], status: 'COMPLETED' },
      conference: { sid, participants: { totalCount: 2 } },
      userErrors: [],
    })
    expect(calls.map(statusOf)).toEqual(['in-progress', 'completed', 'in-progress'])
    expect(isMuted(calls[1])).toBe(muted)
    expect(posts()).toHaveLength(1)
  })

  it('of a call that is over is CALL_ENDED', async () => {
    const { ids } = room(1)
    gateway.sandbox.intercept(({ method }) => (method === 'POST' ? { status: 410 } : undefined))
    const { data } = await mutate('hangUpParticipant', { participantId: ids[0] }, SELECTION)
    expect(data.hangUpParticipant.userErrors).toMatchObject([{ code: 'CALL_ENDED' }])
  })
})

describe('a participant whose call is of another account than the conference', () => {
  const other = accountOf('conf1').sid
  const mixed = () => {
    const { id, sid } = room(1)
    const call = gateway.sandbox.rows.addCall({ account_sid: other, conference_sid: sid }).sid
    return { id, sid, call, participantId: idOf('Participant', account, sid, call) }
  }

  it('is muted under the account of the call, as it is hung up', async () => {
    const { sid, call, participantId } = mixed()
    const { data, errors } = await mutate('muteParticipant', { participantId }, 'participant { muted }', 'admin')
    expect(errors).toBeUndefined()
    expect(data.muteParticipant).toEqual({ participant: { muted: true }, userErrors: [] })
    expect(posts().map(({ path }) => path.split('/Accounts/')[1])).toEqual([
      `${other}/Conferences/${sid}/Participants/${call}`,
    ])
  })

  it('is muted with all others', async () => {
    const { id } = mixed()
    const { data, errors } = await mutate('muteConference', { conferenceId: id }, 'muted { muted }', 'admin')
    expect(errors).toBeUndefined()
    expect(data.muteConference).toEqual({ muted: [{ muted: true }, { muted: true }], userErrors: [] })
  })
})

describe('what Restcomm took and does not show in time is REFUSED, and the message says so', () => {
  const unchanged = (calls: readonly string[], row: object) =>
    gateway.sandbox.intercept(({ method }) => {
      if (method === 'GET') for (const call of calls) gateway.sandbox.rows.updateCall(call, row)
      return undefined
    })

  it('unmuteParticipant', async () => {
    const { ids, calls } = room(1, true)
    unchanged(calls, { muted: true })
    const { data } = await mutate('unmuteParticipant', { participantId: ids[0] }, 'participant { muted }')
    expect(data.unmuteParticipant).toEqual({
      participant: { muted: true },
      userErrors: [{ ...NOT_SHOWN, participantId: ids[0] }],
    })
    expect(posts()).toHaveLength(1)
  })

  it('hangUpParticipant', async () => {
    const { ids, calls } = room(1)
    unchanged(calls, { status: 'in-progress' })
    const { data } = await mutate('hangUpParticipant', { participantId: ids[0] }, 'call { status }')
    expect(data.hangUpParticipant).toEqual({
      call: { status: 'IN_PROGRESS' },
      userErrors: [{ ...NOT_SHOWN, participantId: ids[0] }],
    })
    expect(posts()).toHaveLength(1)
  })
})

describe('muteConference', () => {
  const SELECTION = 'conference { sid } muted { id muted }'

  it('mutes everybody but those excepted', async () => {
    const { id, ids, calls, sid } = room(20)
    const { data, errors } = await mutate('muteConference', { conferenceId: id, except: [ids[3], ids[7]] }, SELECTION)
    expect(errors).toBeUndefined()
    const { conference, muted, userErrors } = data.muteConference
    expect(conference).toEqual({ sid })
    expect(userErrors).toEqual([])
    expect(muted.map((one: { id: string }) => one.id).toSorted()).toEqual(
      ids.filter((_, i) => i !== 3 && i !== 7).toSorted(),
    )
    expect(calls.map(isMuted)).toEqual(calls.map((_, i) => i !== 3 && i !== 7))
    expect(posts()).toHaveLength(18)
  })

  it('reports who could not be muted, one each, and mutes the others', async () => {
    const { id, ids, calls } = room(10)
    gateway.sandbox.intercept(({ method, path }) => {
      if (method !== 'POST') return undefined
      if (path.includes(calls[2] ?? '-')) return { status: 503 }
      return path.includes(calls[5] ?? '-') ? { status: 403 } : undefined
    })
    const { data, errors } = await mutate('muteConference', { conferenceId: id }, SELECTION)
    expect(errors).toBeUndefined()
    expect(data.muteConference.muted).toHaveLength(8)
    expect(data.muteConference.userErrors).toHaveLength(2)
    expect(new Set(data.muteConference.userErrors.map((e: { participantId: string }) => e.participantId))).toEqual(
      new Set([ids[2], ids[5]]),
    )
    expect(posts()).toHaveLength(10)
  })

  it('of nobody, of a conference that is over, and with a stranger excepted', async () => {
    const empty = room(0)
    expect((await mutate('muteConference', { conferenceId: empty.id }, SELECTION)).data.muteConference).toMatchObject({
      muted: [],
      userErrors: [],
    })
    gateway.sandbox.rows.updateConference(empty.sid, { status: 'FAILED' })
    expect((await mutate('muteConference', { conferenceId: empty.id }, SELECTION)).data.muteConference).toMatchObject({
      conference: { sid: empty.sid },
      userErrors: [{ code: 'NOT_IN_PROGRESS', field: ['input', 'conferenceId'] }],
    })
    const [one, other] = [room(1), room(1)]
    const { errors } = await mutate('muteConference', { conferenceId: one.id, except: other.ids }, SELECTION)
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
    expect(isMuted(one.calls[0])).toBe(false)
  })
})

describe('endConference', () => {
  it('hangs everybody up', async () => {
    const { id, calls, sid } = room(20)
    const { data, errors } = await mutate(
      'endConference',
      { conferenceId: id },
      'conference { sid participants { totalCount } } hungUp { sid status }',
    )
    expect(errors).toBeUndefined()
    expect(data.endConference.conference).toEqual({ sid, participants: { totalCount: 0 } })
    expect(data.endConference.hungUp.map((call: { sid: string }) => call.sid).toSorted()).toEqual(calls.toSorted())
    expect(new Set(data.endConference.hungUp.map((call: { status: string }) => call.status))).toEqual(
      new Set(['COMPLETED']),
    )
    expect(calls.map(statusOf)).toEqual(calls.map(() => 'completed'))
    expect(posts()).toHaveLength(20)
  })

  it('looks again for whose call could not be read', async () => {
    const patient = await startGateway({ env: { MUTATION_SETTLE_MS: '5000' } })
    onTestFinished(() => patient.close())
    const { rows } = patient.sandbox
    const { sid } = rows.addConference({ account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' })
    const calls = [0, 1].map(() => rows.addCall({ account_sid: account, conference_sid: sid }).sid)
    const none = JSON.stringify({ uri: `/2012-04-24/Accounts/${account}/Calls`, page: 0, page_size: 1_004, calls: [] })
    let failures = 1
    patient.sandbox.intercept(({ method, path }) => {
      if (method !== 'GET') return undefined
      if (path.includes('/Calls?')) return { status: 200, body: none }
      return path.includes(`/Calls/${calls[1]}`) && failures-- > 0 ? { status: 200, body: 'no JSON' } : undefined
    })
    const { data, errors } = await patient.query(
      'mutation ($input: EndConferenceInput!) { endConference(input: $input) { hungUp { sid status } userErrors { message } } }',
      { as: 'part', variables: { input: { conferenceId: idOf('Conference', account, sid) } } },
    )
    expect(errors).toBeUndefined()
    expect(data.endConference.userErrors).toEqual([])
    expect(data.endConference.hungUp).toHaveLength(2)
    expect(failures).toBeLessThan(0)
  })

  it('reports who could not be hung up', async () => {
    const { id, ids, calls } = room(5)
    gateway.sandbox.intercept(({ method, path }) =>
      method === 'POST' && path.includes(calls[4] ?? '-') ? 'reset' : undefined,
    )
    const { data } = await mutate('endConference', { conferenceId: id }, 'hungUp { sid }')
    expect(data.endConference.hungUp).toHaveLength(4)
    expect(data.endConference.userErrors).toMatchObject([{ code: 'REFUSED', participantId: ids[4] }])
  })
})

describe('what has been done is reported, whatever happens afterwards', () => {
  const failsAfterPosts = (fails: (path: string) => boolean) =>
    gateway.sandbox.intercept(({ method, path }) =>
      method === 'GET' && posts().length > 0 && fails(path) ? { status: 503 } : undefined,
    )

  it.each([
    { field: 'muteParticipant', selection: 'participant { id }', by: 'participantId' },
    { field: 'hangUpParticipant', selection: 'call { sid } conference { sid }', by: 'participantId' },
    { field: 'muteConference', selection: 'conference { sid } muted { id }', by: 'conferenceId' },
    { field: 'endConference', selection: 'conference { sid } hungUp { sid }', by: 'conferenceId' },
  ])('$field, when Restcomm goes away after it', async ({ field, selection, by }) => {
    const { id, ids } = room(2)
    failsAfterPosts(() => true)
    const { data, errors } = await mutate(field, { [by]: by === 'participantId' ? ids[0] : id }, selection)
    expect(errors).toBeUndefined()
    const { userErrors, conference = null } = data[field]
    expect(conference).toBeNull()
    expect(userErrors).toHaveLength(by === 'participantId' ? 1 : 2)
    expect(userErrors[0]).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('was done') })
  })

  it('a look that fails once is looked again', async () => {
    const { id, ids, sid } = room(3)
    let failures = 1
    failsAfterPosts(path => path.endsWith(sid) && failures-- > 0)
    const { data, errors } = await mutate('muteConference', { conferenceId: id }, 'conference { sid } muted { id }')
    expect(errors).toBeUndefined()
    expect(data.muteConference.muted.map((one: { id: string }) => one.id).toSorted()).toEqual(ids.toSorted())
  })

  it('who is not shown as muted in time is reported, and all are waited for together', async () => {
    const { id, ids, calls } = room(12)
    gateway.sandbox.intercept(({ method }) => {
      if (method === 'GET') for (const call of calls) gateway.sandbox.rows.updateCall(call, { muted: false })
      return undefined
    })
    const started = performance.now()
    const { data } = await mutate('muteConference', { conferenceId: id }, 'muted { id }')
    expect(data.muteConference.muted).toEqual([])
    expect(data.muteConference.userErrors.map((e: { participantId: string }) => e.participantId).toSorted()).toEqual(
      ids.toSorted(),
    )
    expect(performance.now() - started).toBeLessThan(3_000)
  })

  it('a hundred and twenty hung up cost as many changes, and few looks', async () => {
    const { id, calls } = room(120)
    const { data } = await mutate('endConference', { conferenceId: id }, 'hungUp { sid }')
    expect(data.endConference.hungUp).toHaveLength(calls.length)
    expect(posts()).toHaveLength(120)
    expect(gateway.sandbox.requests.filter(({ method }) => method === 'GET').length).toBeLessThan(15)
  })
})
