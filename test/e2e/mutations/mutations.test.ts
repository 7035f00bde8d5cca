import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { WatchRegistry } from '../../../src/live/watchRegistry.ts'
import { Loaders } from '../../../src/loaders/loaders.ts'
import { MemoryCache } from '../../../src/restcomm/cache/memoryCache.ts'
import { SingleFlight } from '../../../src/restcomm/http/singleFlight.ts'
import { changeRows } from '../../support/changeRows.ts'
import { accountOf, basic, startGateway, type TestGateway } from '../../support/gateway.ts'
import { nodeIdOf } from '../../support/nodeId.ts'

let patientGateway: TestGateway
/** The gateway of the running test. */
let gateway: TestGateway
beforeAll(async () => {
  patientGateway = await startGateway({ env: { MUTATION_SETTLE_MS: '5000' } })
})
afterAll(() => patientGateway.close())

const account = accountOf('part').sid

/** Adds a running conference with the given number of callers. */
const addConference = (callers: number, muted = false) => {
  const { sid } = gateway.sandbox.rows.addConference({ account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' })
  const calls = Array.from({ length: callers }, () =>
    gateway.sandbox.rows.addCall({ account_sid: account, conference_sid: sid, muted }),
  )
  const ids = calls.map(call => nodeIdOf('Participant', account, sid, call.sid))
  return { sid, id: nodeIdOf('Conference', account, sid), calls: calls.map(call => call.sid), ids }
}
const isMuted = (call: string | undefined) => gateway.sandbox.rows.call(call ?? '')?.muted
const statusOf = (call: string | undefined) => gateway.sandbox.rows.call(call ?? '')?.status
const posts = () => gateway.sandbox.requests.filter(({ method }) => method === 'POST')

const NOT_VISIBLE = {
  code: 'REFUSED',
  message: 'Restcomm accepted the command, but does not show the change yet: read the state again later.',
  field: null,
}
const NOT_CONFIRMED = {
  code: 'REFUSED',
  message: 'Restcomm accepted the command, but the new state could not be read: read the state again later.',
  field: null,
}
const USER_ERRORS = 'userErrors { code message participantId field }'
const mutate = (field: string, input: object, selection: string, as = 'part') =>
  gateway.query(
    `mutation ($input: ${field[0]?.toUpperCase()}${field.slice(1)}Input!) { ${field}(input: $input) { ${selection} ${USER_ERRORS} } }`,
    {
      as,
      variables: { input },
    },
  )

/** For a change that never becomes visible. Only for one test, because failed reads open the circuit breaker. */
const useImpatientGateway = async () => {
  const impatientGateway = await startGateway({ env: { MUTATION_SETTLE_MS: '50' } })
  onTestFinished(() => impatientGateway.close())
  gateway = impatientGateway
}

beforeEach(() => {
  gateway = patientGateway
  gateway.sandbox.intercept(null)
  gateway.sandbox.clearRequests()
})

describe.each([
  { field: 'muteParticipant', muted: true },
  { field: 'unmuteParticipant', muted: false },
])('$field', ({ field, muted }) => {
  it(`${field} sends one request and returns the participant read after the change, not the one in the response`, async () => {
    const { ids, calls } = addConference(2, !muted)
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

  it('muteParticipant waits for a change that becomes visible late', async () => {
    const { ids, calls, sid } = addConference(1)
    let reads = 0
    gateway.sandbox.intercept(({ method, path }) => {
      if (method !== 'GET' || !path.includes(`${sid}/Participants`)) return undefined
      if (++reads > 1) gateway.sandbox.rows.updateCall(calls[0] ?? '', { muted: reads > 3 })
      return undefined
    })
    expect((await mute(ids[0])).data.muteParticipant).toEqual({
      participant: { id: ids[0], muted: true },
      userErrors: [],
    })
    expect(reads).toBe(4)
    expect(posts()).toHaveLength(1)
  })

  it('muteParticipant returns no user error if Restcomm reports no mute flag at all', async () => {
    const { ids, calls, sid } = addConference(1)
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

  it('muteParticipant sends no command for a call outside the conference, although Restcomm would execute the command', async () => {
    const [conference, otherConference] = [addConference(1), addConference(1)]
    const { data } = await mute(nodeIdOf('Participant', account, conference.sid, otherConference.calls[0] ?? ''))
    expect(data.muteParticipant).toMatchObject({
      participant: null,
      userErrors: [{ code: 'PARTICIPANT_NOT_FOUND', field: ['input', 'participantId'] }],
    })
    expect(posts()).toEqual([])
  })

  it('muteParticipant sends no command with credentials that may not read the conference', async () => {
    const { ids } = addConference(1)
    const { errors } = await mute(ids[0], 'conf1')
    expect(errors).toMatchObject([{ path: ['muteParticipant'], extensions: { code: 'FORBIDDEN' } }])
    expect(posts()).toEqual([])
  })

  it('muteParticipant returns a user error for an ended and for an unknown conference', async () => {
    const { sid, calls } = addConference(1)
    gateway.sandbox.rows.updateConference(sid, { status: 'COMPLETED' })
    expect(
      (await mute(nodeIdOf('Participant', account, sid, calls[0] ?? ''))).data.muteParticipant.userErrors,
    ).toMatchObject([{ code: 'NOT_IN_PROGRESS' }])
    const unknown = nodeIdOf('Participant', account, `CF${'0'.repeat(32)}`, calls[0] ?? '')
    expect((await mute(unknown)).data.muteParticipant.userErrors).toMatchObject([{ code: 'CONFERENCE_NOT_FOUND' }])
    expect(posts()).toEqual([])
  })

  it.each([
    { status: 400, code: 'REFUSED' },
    { status: 403, code: 'REFUSED' },
    { status: 406, code: 'PARTICIPANT_NOT_FOUND' },
    { status: 410, code: 'CALL_ENDED' },
  ])('muteParticipant returns $code if Restcomm responds with $status', async ({ status, code }) => {
    const { ids } = addConference(1)
    gateway.sandbox.intercept(({ method }) => (method === 'POST' ? { status } : undefined))
    const { data, errors } = await mute(ids[0])
    expect(errors).toBeUndefined()
    expect(data.muteParticipant.userErrors).toMatchObject([{ code, participantId: ids[0] }])
    expect(posts()).toHaveLength(1)
  })

  it('muteParticipant returns CALL_ENDED if the call just ended, throws other upstream errors, and never retries', async () => {
    const { ids, calls } = addConference(1)
    gateway.sandbox.intercept(({ method }) => {
      if (method !== 'POST') return undefined
      gateway.sandbox.rows.finishCall(calls[0] ?? '')
      return { status: 500 }
    })
    expect((await mute(ids[0])).data.muteParticipant).toMatchObject({
      participant: null,
      userErrors: [{ code: 'CALL_ENDED' }],
    })
    const other = addConference(1)
    for (const interception of [{ status: 500 }, { status: 503 }, 'reset'] as const) {
      gateway.sandbox.clearRequests()
      gateway.sandbox.intercept(({ method }) => (method === 'POST' ? interception : undefined))
      const { errors } = await mute(other.ids[0])
      expect(errors).toMatchObject([{ path: ['muteParticipant'], extensions: { code: 'UPSTREAM_UNAVAILABLE' } }])
      expect(posts()).toHaveLength(1)
    }
  })

  it('muteParticipant is rejected over GET', async () => {
    const { ids, calls } = addConference(1)
    const query = `mutation { muteParticipant(input: { participantId: "${ids[0]}" }) { participant { muted } } }`
    const response = await fetch(`${gateway.url}?query=${encodeURIComponent(query)}`, {
      headers: { authorization: basic('part'), accept: 'application/graphql-response+json' },
    })
    expect(response.status).toBe(405)
    expect(isMuted(calls[0])).toBe(false)
    expect(posts()).toEqual([])
  })

  it('muteParticipant rejects IDs of other types', async () => {
    const { id } = addConference(1)
    for (const invalidId of ['garbage', id]) {
      expect((await mute(invalidId)).errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
    }
    expect(gateway.takeUpstreamRequests()).toEqual([])
  })
})

describe('invalidations by a mutation', () => {
  it('muteParticipant invalidates cached lists, shared requests and watches when sent and when visible, and clears the loaders before its reads', async () => {
    onTestFinished(() => {
      vi.restoreAllMocks()
    })
    const { ids } = addConference(1)
    const cachedLists = vi.spyOn(MemoryCache.prototype, 'invalidateLists')
    const sharedRequests = vi.spyOn(SingleFlight.prototype, 'invalidate')
    const watches = vi.spyOn(WatchRegistry.prototype, 'invalidate')
    const loaders = vi.spyOn(Loaders.prototype, 'clear')
    const { data } = await mutate('muteParticipant', { participantId: ids[0] }, 'participant { muted }')
    expect(data.muteParticipant).toEqual({ participant: { muted: true }, userErrors: [] })
    expect([cachedLists, sharedRequests, watches, loaders].map(({ mock }) => mock.calls.length)).toEqual([2, 2, 2, 2])
  })
})

describe('hangUpParticipant', () => {
  const SELECTION = 'call { sid status } removedParticipantId conference { sid participants { totalCount } }'

  it.each([true, false])(
    'hangUpParticipant ends the call and repeats the mute flag of the call in the request (muted: %s)',
    async muted => {
      const { ids, calls, sid } = addConference(3, muted)
      const { data, errors } = await mutate('hangUpParticipant', { participantId: ids[1] }, SELECTION)
      expect(errors).toBeUndefined()
      expect(data.hangUpParticipant).toEqual({
        call: { sid: calls[1], status: 'COMPLETED' },
        removedParticipantId: ids[1],
        conference: { sid, participants: { totalCount: 2 } },
        userErrors: [],
      })
      expect(calls.map(statusOf)).toEqual(['in-progress', 'completed', 'in-progress'])
      expect(isMuted(calls[1])).toBe(muted)
      expect(posts()).toHaveLength(1)
    },
  )

  it('hangUpParticipant returns CALL_ENDED for an ended call', async () => {
    const { ids } = addConference(1)
    gateway.sandbox.intercept(({ method }) => (method === 'POST' ? { status: 410 } : undefined))
    const { data } = await mutate('hangUpParticipant', { participantId: ids[0] }, SELECTION)
    expect(data.hangUpParticipant).toMatchObject({ removedParticipantId: null, userErrors: [{ code: 'CALL_ENDED' }] })
  })
})

describe('a participant with a call of a different account', () => {
  const other = accountOf('conf1').sid
  const mixed = () => {
    const { id, sid } = addConference(1)
    const call = gateway.sandbox.rows.addCall({ account_sid: other, conference_sid: sid }).sid
    return { id, sid, call, participantId: nodeIdOf('Participant', account, sid, call) }
  }

  it('muteParticipant mutes a participant with a call of a different account under the account of the call', async () => {
    const { sid, call, participantId } = mixed()
    const { data, errors } = await mutate('muteParticipant', { participantId }, 'participant { muted }', 'admin')
    expect(errors).toBeUndefined()
    expect(data.muteParticipant).toEqual({ participant: { muted: true }, userErrors: [] })
    expect(posts().map(({ path }) => path.split('/Accounts/')[1])).toEqual([
      `${other}/Conferences/${sid}/Participants/${call}`,
    ])
  })

  it('muteConference mutes a participant with a call of a different account', async () => {
    const { id } = mixed()
    const { data, errors } = await mutate(
      'muteConference',
      { conferenceId: id },
      'mutedParticipants { muted }',
      'admin',
    )
    expect(errors).toBeUndefined()
    expect(data.muteConference).toEqual({ mutedParticipants: [{ muted: true }, { muted: true }], userErrors: [] })
  })
})

describe('a change that does not become visible before the timeout returns REFUSED', () => {
  const unchanged = (calls: readonly string[], row: object) =>
    gateway.sandbox.intercept(({ method }) => {
      if (method === 'GET') for (const call of calls) gateway.sandbox.rows.updateCall(call, row)
      return undefined
    })

  it.each([
    { field: 'muteParticipant', muted: false },
    { field: 'unmuteParticipant', muted: true },
  ])('$field returns REFUSED if the change does not become visible before the timeout', async ({ field, muted }) => {
    await useImpatientGateway()
    const { ids, calls } = addConference(1, muted)
    unchanged(calls, { muted })
    const { data } = await mutate(field, { participantId: ids[0] }, 'participant { muted }')
    expect(data[field]).toEqual({
      participant: { muted },
      userErrors: [{ ...NOT_VISIBLE, participantId: ids[0] }],
    })
    expect(posts()).toHaveLength(1)
  })

  it('hangUpParticipant returns REFUSED if the change does not become visible before the timeout', async () => {
    await useImpatientGateway()
    const { ids, calls } = addConference(1)
    unchanged(calls, { status: 'in-progress' })
    const { data } = await mutate(
      'hangUpParticipant',
      { participantId: ids[0] },
      'call { status } removedParticipantId',
    )
    expect(data.hangUpParticipant).toEqual({
      call: { status: 'IN_PROGRESS' },
      removedParticipantId: null,
      userErrors: [{ ...NOT_VISIBLE, participantId: ids[0] }],
    })
    expect(posts()).toHaveLength(1)
  })
})

describe('the status of a call after a hang-up', () => {
  const UNFINISHED = [
    { status: 'queued', userError: NOT_VISIBLE },
    { status: 'ringing', userError: NOT_VISIBLE },
    { status: 'a new status', userError: NOT_VISIBLE },
    { status: 7, userError: NOT_CONFIRMED },
  ]

  it.each(UNFINISHED)(
    'hangUpParticipant returns REFUSED for a call shown as $status',
    async ({ status, userError }) => {
      await useImpatientGateway()
      const { ids } = addConference(1)
      changeRows(gateway, '/Calls', () => (posts().length > 0 ? { status } : {}))
      const { data } = await mutate('hangUpParticipant', { participantId: ids[0] }, 'call { id } removedParticipantId')
      expect(data.hangUpParticipant).toEqual({
        call: { id: expect.any(String) },
        removedParticipantId: null,
        userErrors: [{ ...userError, participantId: ids[0] }],
      })
    },
  )

  it.each(UNFINISHED)(
    'endConference returns REFUSED for a call shown as $status, and reports the other calls as hung up',
    async ({ status, userError }) => {
      await useImpatientGateway()
      const { id, ids, calls } = addConference(2)
      changeRows(gateway, '/Calls', ({ sid }) => (sid === calls[1] && posts().length > 0 ? { status } : {}))
      const { data } = await mutate('endConference', { conferenceId: id }, 'hungUp { sid } removedParticipantIds')
      expect(data.endConference).toEqual({
        hungUp: [{ sid: calls[0] }],
        removedParticipantIds: [ids[0]],
        userErrors: [{ ...userError, participantId: ids[1] }],
      })
    },
  )

  it.each(['ringing', 7])('hangUpParticipant waits for the end of a call first shown as %s', async status => {
    const { ids } = addConference(1)
    let reads = 0
    changeRows(gateway, '/Calls', () => (posts().length > 0 && ++reads === 1 ? { status } : { status: 'canceled' }))
    const { data } = await mutate(
      'hangUpParticipant',
      { participantId: ids[0] },
      'call { status } removedParticipantId',
    )
    expect(data.hangUpParticipant).toEqual({
      call: { status: 'CANCELED' },
      removedParticipantId: ids[0],
      userErrors: [],
    })
    expect(reads).toBe(2)
  })
})

describe('muteConference', () => {
  const SELECTION = 'conference { sid } mutedParticipants { id muted }'

  it('muteConference mutes all participants except the given ones', async () => {
    const { id, ids, calls, sid } = addConference(20)
    const { data, errors } = await mutate('muteConference', { conferenceId: id, except: [ids[3], ids[7]] }, SELECTION)
    expect(errors).toBeUndefined()
    const { conference, mutedParticipants: muted, userErrors } = data.muteConference
    expect(conference).toEqual({ sid })
    expect(userErrors).toEqual([])
    expect(muted.map((participant: { id: string }) => participant.id).toSorted()).toEqual(
      ids.filter((_, i) => i !== 3 && i !== 7).toSorted(),
    )
    expect(calls.map(isMuted)).toEqual(calls.map((_, i) => i !== 3 && i !== 7))
    expect(posts()).toHaveLength(18)
  })

  it('muteConference returns a user error for each participant that could not be muted and mutes the others', async () => {
    const { id, ids, calls } = addConference(10)
    gateway.sandbox.intercept(({ method, path }) => {
      if (method !== 'POST') return undefined
      if (path.includes(calls[2] ?? '-')) return { status: 503 }
      return path.includes(calls[5] ?? '-') ? { status: 403 } : undefined
    })
    const { data, errors } = await mutate('muteConference', { conferenceId: id }, SELECTION)
    expect(errors).toBeUndefined()
    expect(data.muteConference.mutedParticipants).toHaveLength(8)
    expect(data.muteConference.userErrors).toHaveLength(2)
    expect(new Set(data.muteConference.userErrors.map((e: { participantId: string }) => e.participantId))).toEqual(
      new Set([ids[2], ids[5]]),
    )
    expect(posts()).toHaveLength(10)
  })

  it('muteConference accepts an empty conference, and rejects an ended conference and exceptions from a different conference', async () => {
    const empty = addConference(0)
    expect((await mutate('muteConference', { conferenceId: empty.id }, SELECTION)).data.muteConference).toMatchObject({
      mutedParticipants: [],
      userErrors: [],
    })
    gateway.sandbox.rows.updateConference(empty.sid, { status: 'FAILED' })
    expect((await mutate('muteConference', { conferenceId: empty.id }, SELECTION)).data.muteConference).toMatchObject({
      conference: { sid: empty.sid },
      userErrors: [{ code: 'NOT_IN_PROGRESS', field: ['input', 'conferenceId'] }],
    })
    const [one, other] = [addConference(1), addConference(1)]
    const { errors } = await mutate('muteConference', { conferenceId: one.id, except: other.ids }, SELECTION)
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
    expect(isMuted(one.calls[0])).toBe(false)
  })
})

describe('endConference', () => {
  it('endConference hangs up all participants', async () => {
    const { id, calls, sid } = addConference(20)
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

  it('endConference reads calls again that could not be read', async () => {
    const { id, calls } = addConference(2)
    const none = JSON.stringify({ uri: `/2012-04-24/Accounts/${account}/Calls`, page: 0, page_size: 1_004, calls: [] })
    let failures = 1
    gateway.sandbox.intercept(({ method, path }) => {
      if (method !== 'GET') return undefined
      if (path.includes('/Calls?')) return { status: 200, body: none }
      return path.includes(`/Calls/${calls[1]}`) && failures-- > 0 ? { status: 200, body: 'no JSON' } : undefined
    })
    const { data, errors } = await mutate('endConference', { conferenceId: id }, 'hungUp { sid status }')
    expect(errors).toBeUndefined()
    expect(data.endConference.userErrors).toEqual([])
    expect(data.endConference.hungUp).toHaveLength(2)
    expect(failures).toBeLessThan(0)
  })

  it('endConference returns a user error for each call that could not be ended', async () => {
    const { id, ids, calls } = addConference(5)
    gateway.sandbox.intercept(({ method, path }) =>
      method === 'POST' && path.includes(calls[4] ?? '-') ? 'reset' : undefined,
    )
    const { data } = await mutate('endConference', { conferenceId: id }, 'hungUp { sid } removedParticipantIds')
    expect(data.endConference.hungUp).toHaveLength(4)
    expect(data.endConference.removedParticipantIds.toSorted()).toEqual(ids.slice(0, 4).toSorted())
    expect(data.endConference.userErrors).toMatchObject([{ code: 'REFUSED', participantId: ids[4] }])
  })
})

describe('executed commands are reported despite later failures', () => {
  const failsAfterPosts = (fails: (path: string) => boolean) =>
    gateway.sandbox.intercept(({ method, path }) =>
      method === 'GET' && posts().length > 0 && fails(path) ? { status: 503 } : undefined,
    )

  it.each([
    { field: 'muteParticipant', selection: 'participant { id }', by: 'participantId' },
    { field: 'hangUpParticipant', selection: 'call { sid } conference { sid }', by: 'participantId' },
    { field: 'muteConference', selection: 'conference { sid } mutedParticipants { id }', by: 'conferenceId' },
    { field: 'endConference', selection: 'conference { sid } hungUp { sid }', by: 'conferenceId' },
  ])(
    '$field reports an executed command if Restcomm becomes unavailable after the command',
    async ({ field, selection, by }) => {
      await useImpatientGateway()
      const { id, ids } = addConference(2)
      failsAfterPosts(() => true)
      const { data, errors = [] } = await mutate(field, { [by]: by === 'participantId' ? ids[0] : id }, selection)
      const { userErrors, conference = null } = data[field]
      expect(conference).toBeNull()
      const conferenceError = { path: [field, 'conference'], extensions: { code: 'UPSTREAM_UNAVAILABLE' } }
      expect(errors).toMatchObject(selection.includes('conference') ? [conferenceError] : [])
      expect(userErrors).toHaveLength(by === 'participantId' ? 1 : 2)
      expect(userErrors[0]).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('accepted the command') })
    },
  )

  it.each([
    { field: 'hangUpParticipant', selection: 'removedParticipantId conference { sid }', by: 'participantId' },
    { field: 'endConference', selection: 'removedParticipantIds conference { sid }', by: 'conferenceId' },
  ])(
    '$field reports a conference that cannot be read after the command as an error of its field',
    async ({ field, selection, by }) => {
      const { id, sid, ids } = addConference(1)
      changeRows(gateway, `/Conferences/${sid}`, row =>
        row.sid === sid && posts().length > 0 ? { sid: 'nonsense' } : {},
      )
      const { data, errors } = await mutate(field, { [by]: by === 'participantId' ? ids[0] : id }, selection)
      expect(errors).toMatchObject([{ path: [field, 'conference'], extensions: { code: 'UPSTREAM_MALFORMED' } }])
      expect(data[field]).toMatchObject({ conference: null, userErrors: [] })
      expect(Object.values(data[field]).flat()).toContain(ids[0])
    },
  )

  it('muteConference repeats a failed read after the commands', async () => {
    const { id, ids, sid } = addConference(3)
    let failures = 1
    failsAfterPosts(path => path.endsWith(sid) && failures-- > 0)
    const { data, errors } = await mutate(
      'muteConference',
      { conferenceId: id },
      'conference { sid } mutedParticipants { id }',
    )
    expect(errors).toBeUndefined()
    expect(
      data.muteConference.mutedParticipants.map((participant: { id: string }) => participant.id).toSorted(),
    ).toEqual(ids.toSorted())
  })

  it('muteConference returns a user error for each participant not visible as muted, after one timeout for all participants', async () => {
    await useImpatientGateway()
    const { id, ids, calls } = addConference(12)
    gateway.sandbox.intercept(({ method }) => {
      if (method === 'GET') for (const call of calls) gateway.sandbox.rows.updateCall(call, { muted: false })
      return undefined
    })
    const { data } = await mutate('muteConference', { conferenceId: id }, 'mutedParticipants { id }')
    expect(data.muteConference.mutedParticipants).toEqual([])
    expect(data.muteConference.userErrors.map((e: { participantId: string }) => e.participantId).toSorted()).toEqual(
      ids.toSorted(),
    )
  })

  it('endConference of a conference with 120 participants sends 120 commands and fewer than 15 reads', async () => {
    const { id, calls } = addConference(120)
    const { data } = await mutate('endConference', { conferenceId: id }, 'hungUp { sid }')
    expect(data.endConference.hungUp).toHaveLength(calls.length)
    expect(posts()).toHaveLength(120)
    expect(gateway.sandbox.requests.filter(({ method }) => method === 'GET').length).toBeLessThan(15)
  })
})

describe('a participant list with unreadable rows', () => {
  it('muteConference skips a participant without a valid SID with a user error, and mutes the others', async () => {
    const { id, calls } = addConference(3)
    changeRows(gateway, '/Participants', ({ sid }) => (sid === calls[1] ? { sid: 'nonsense' } : {}))
    const { data, errors } = await mutate('muteConference', { conferenceId: id }, 'mutedParticipants { callSid muted }')
    expect(errors).toBeUndefined()
    expect(data.muteConference.mutedParticipants).toHaveLength(2)
    const message =
      'A participant was skipped: Restcomm returned a participant with an invalid `sid`: expected the SID of a call.'
    expect(data.muteConference.userErrors).toEqual([{ code: 'REFUSED', message, participantId: null, field: null }])
    expect(calls.map(isMuted)).toEqual([true, false, true])
  })

  it('muteConference reports muted participants beside a participant without a valid SID and a caller who left', async () => {
    await useImpatientGateway()
    const { id, sid, ids, calls } = addConference(3)
    gateway.sandbox.rows.addCall({ sid: 'nonsense', account_sid: account, conference_sid: sid })
    gateway.sandbox.intercept(({ method, path }) => {
      if (method !== 'POST' || !path.includes(calls[1] ?? '-')) return undefined
      gateway.sandbox.rows.finishCall(calls[1] ?? '')
      return { status: 200, body: '{}' }
    })
    const { data, errors } = await mutate('muteConference', { conferenceId: id }, 'mutedParticipants { id }')
    expect(errors).toBeUndefined()
    const { mutedParticipants, userErrors } = data.muteConference
    expect(new Set(mutedParticipants.map((participant: { id: string }) => participant.id))).toEqual(
      new Set([ids[0], ids[2]]),
    )
    expect(userErrors).toMatchObject([
      { code: 'REFUSED', participantId: null },
      { ...NOT_CONFIRMED, participantId: ids[1] },
    ])
  })

  it.each(['muteParticipant', 'unmuteParticipant'])(
    '%s returns REFUSED for a participant whose mute state cannot be read after the command',
    async field => {
      await useImpatientGateway()
      const { ids, calls } = addConference(1, field === 'unmuteParticipant')
      changeRows(gateway, '/Participants', () => (posts().length > 0 ? { muted: 'yes' } : {}))
      const { data, errors } = await mutate(field, { participantId: ids[0] }, 'participant { callSid muted }')
      expect(errors).toMatchObject([
        { path: [field, 'participant', 'muted'], extensions: { code: 'UPSTREAM_MALFORMED' } },
      ])
      expect(data[field]).toEqual({
        participant: { callSid: calls[0], muted: null },
        userErrors: [{ ...NOT_CONFIRMED, participantId: ids[0] }],
      })
    },
  )

  it('muteParticipant reads a mute state again that cannot be read', async () => {
    const { ids } = addConference(1)
    let reads = 0
    changeRows(gateway, '/Participants', () => (posts().length > 0 && ++reads === 1 ? { muted: 'yes' } : {}))
    const { data } = await mutate('muteParticipant', { participantId: ids[0] }, 'participant { muted }')
    expect(data.muteParticipant).toEqual({ participant: { muted: true }, userErrors: [] })
    expect(reads).toBe(2)
  })

  it('muteConference reports a participant whose mute state cannot be read as refused, and the other as muted', async () => {
    await useImpatientGateway()
    const { id, ids, calls } = addConference(2)
    changeRows(gateway, '/Participants', ({ sid }) => (sid === calls[1] ? { muted: 'yes' } : {}))
    const { data, errors } = await mutate('muteConference', { conferenceId: id }, 'mutedParticipants { id muted }')
    expect(errors).toBeUndefined()
    expect(data.muteConference).toEqual({
      mutedParticipants: [{ id: ids[0], muted: true }],
      userErrors: [{ ...NOT_CONFIRMED, participantId: ids[1] }],
    })
  })

  it('muteParticipant does not report the end of a call whose row became unreadable', async () => {
    await useImpatientGateway()
    const { ids, calls } = addConference(2)
    changeRows(gateway, '/Participants', ({ sid }) =>
      posts().length > 0 && sid === calls[0] ? { sid: 'nonsense' } : {},
    )
    const { data, errors } = await mutate('muteParticipant', { participantId: ids[0] }, 'participant { callSid }')
    expect(errors).toBeUndefined()
    expect(data.muteParticipant).toMatchObject({
      participant: null,
      userErrors: [{ code: 'REFUSED', message: expect.stringContaining('could not be read') }],
    })
  })

  it('hangUpParticipant ends the call of a participant with an unreadable mute state', async () => {
    const { ids, calls } = addConference(1)
    changeRows(gateway, '/Participants', () => ({ muted: 'yes' }))
    const { data } = await mutate('hangUpParticipant', { participantId: ids[0] }, 'call { status }')
    expect(data.hangUpParticipant).toMatchObject({ call: { status: 'COMPLETED' }, userErrors: [] })
    expect(statusOf(calls[0])).toBe('completed')
  })
})
