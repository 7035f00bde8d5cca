import { describe, expect, it } from 'vitest'
import { ConferenceCommands, type MutationEvent } from '../../../src/commands/conferenceCommands.ts'
import { Loaders } from '../../../src/loaders/loaders.ts'
import { ACTIONS, type Action, type Call, type Conference, type Participant } from '../../../src/model.ts'
import { CancellationToken } from '../../../src/restcomm/cancellationToken.ts'
import type { RestcommClient } from '../../../src/restcomm/client.ts'
import { RestcommError } from '../../../src/restcomm/errors.ts'

const accountSid = `AC${'0'.repeat(32)}`
const conference = { accountSid, sid: `CF${'0'.repeat(32)}`, status: 'RUNNING_MODERATOR_PRESENT' } as Conference
const callSids = ['0', '1', '2'].map(digit => `CA${digit.repeat(32)}`)
const [firstSid = ''] = callSids
const participant: Participant = {
  conference,
  accountSid,
  callSid: firstSid,
  muted: false,
  hold: false,
  startConferenceOnEnter: true,
  endConferenceOnExit: false,
  dateCreated: '2024-01-02T03:04:05+00:00',
  dateUpdated: '2024-01-02T03:04:05+00:00',
  uri: '/',
}
const limits = { defaultPageSize: 50, maxPageSize: 500, maxSortedRows: 10, maxQuerySortedRows: 10 }

/** A conference with three callers. `send` answers each command. */
function createCommands(send: () => Promise<void> = async () => undefined, actions: readonly Action[] = ACTIONS) {
  const muted = new Set<string>()
  const ended = new Set<string>()
  const client: Partial<RestcommClient> = {
    cachedConferences: async keys => keys.map(() => null),
    conference: async () => conference,
    participants: async () =>
      callSids
        .filter(callSid => !ended.has(callSid))
        .map(callSid => ({ ...participant, callSid, muted: muted.has(callSid) })),
    call: async ({ sid }) => ({ accountSid, sid, status: ended.has(sid) ? 'COMPLETED' : 'IN_PROGRESS' }) as Call,
    conferenceCalls: () => ({
      maxPageSize: 1_000,
      lastLength: null,
      idOf: row => ('sid' in row ? row.sid : row.rowId),
      read: async () => ({ start: 0, rows: [], atEnd: true, total: 0, unverifiedTotal: null }),
      total: async () => 0,
      recount: async () => 0,
      clear: () => undefined,
      tryConsumeSearchPage: () => true,
      cursorDrifted: () => undefined,
    }),
    setMuted: async ({ callSid }) => {
      await send()
      muted.add(callSid)
    },
    hangUp: async ({ sid }) => {
      await send()
      ended.add(sid)
    },
  }
  const restcomm = client as RestcommClient
  const cancellation = new CancellationToken()
  const events: MutationEvent[] = []
  const audited: string[] = []
  const commands = new ConferenceCommands(restcomm, new Loaders(restcomm, limits), {
    settleTimeoutMs: 0,
    cancellation,
    publish: event => events.push(event),
    actions,
    audit: record => audited.push(`${record.action} ${record.callSid} ${record.outcome}`),
  })
  return { commands, cancellation, events, audited }
}

it('a request sends at most 2,000 commands, and reports the others as not executed', async () => {
  let sent = 0
  const { commands, audited } = createCommands(async () => {
    sent++
  })
  const mutate = () => commands.muteAll(conference, new Set())
  for (let i = 0; i < 666; i++) expect((await mutate()).userErrors).toEqual([])
  const { mutedParticipants, userErrors } = await mutate()
  expect(mutedParticipants).toHaveLength(2)
  expect(userErrors).toMatchObject([
    {
      code: 'REFUSED',
      message:
        'The command was not executed: a request sends at most 2000 commands. Send further mutations in a request of ' +
        'their own.',
    },
  ])
  expect(sent).toBe(2_000)
  expect(audited.filter(line => line.endsWith(' refused'))).toEqual([`mute ${callSids[2]} refused`])
})

describe('the events of a mutation', () => {
  const sentAndVisible = [
    { type: 'sent', conference: { accountSid, sid: conference.sid } },
    { type: 'visible', conference: { accountSid, sid: conference.sid } },
  ]

  it.each([
    ['setMuted', (commands: ConferenceCommands) => commands.setMuted({ conference, callSid: firstSid }, true)],
    ['hangUp', (commands: ConferenceCommands) => commands.hangUp({ conference, callSid: firstSid })],
    ['muteAll', (commands: ConferenceCommands) => commands.muteAll(conference, new Set())],
    ['end', (commands: ConferenceCommands) => commands.end(conference)],
  ])('ConferenceCommands.%s publishes `sent` and `visible` once each', async (_name, execute) => {
    const { commands, events } = createCommands()
    expect((await execute(commands)).userErrors).toEqual([])
    expect(events).toMatchObject(sentAndVisible)
    expect(events).toHaveLength(2)
  })

  it('ConferenceCommands.setMuted publishes no event if no command is sent', async () => {
    const { commands, events } = createCommands()
    await commands.setMuted({ conference, callSid: `CA${'9'.repeat(32)}` }, true)
    expect(events).toEqual([])
  })

  it('ConferenceCommands.setMuted publishes `sent` for a failed command', async () => {
    const { commands, events } = createCommands(() => Promise.reject(new RestcommError('timedOut', 'Late.')))
    await expect(commands.setMuted({ conference, callSid: firstSid }, true)).rejects.toThrow('Late.')
    expect(events.map(({ type }) => type)).toEqual(['sent'])
  })

  it('ConferenceCommands.muteAll publishes `sent` after a disconnect when the last command has settled', async () => {
    const answers: (() => void)[] = []
    const { commands, cancellation, events } = createCommands(() => new Promise(resolve => answers.push(resolve)))
    const isSent = () => events.some(({ type }) => type === 'sent')
    const result = commands.muteAll(conference, new Set())
    await expect.poll(() => answers.length).toBe(3)
    cancellation.cancel(new RestcommError('cancelled', 'The client left.'))
    await result
    answers.shift()?.()
    answers.shift()?.()
    await new Promise(resolve => setImmediate(resolve))
    expect(isSent()).toBe(false)
    answers.shift()?.()
    await expect.poll(isSent).toBe(true)
  })
})

describe('ConferenceCommands.muteAll with a failed command', () => {
  const messageAfter = async (error: Error) => {
    const { commands } = createCommands(() => Promise.reject(error))
    const { mutedParticipants, userErrors } = await commands.muteAll(conference, new Set(callSids.slice(1)))
    expect(mutedParticipants).toEqual([])
    expect(userErrors).toMatchObject([{ code: 'REFUSED', participant: { callSid: firstSid } }])
    return userErrors[0]?.message
  }

  it.each([
    ['the queue is full', new RestcommError('overloaded', 'Queue full.', { retryAfterSeconds: 1 })],
    ['the circuit is open', new RestcommError('unavailable', 'Circuit open.', { retryAfterSeconds: 5 })],
    ['Restcomm limits the rate', new RestcommError('unavailable', 'Too many.', { status: 429 })],
    ['the request has no valid credentials', new RestcommError('unauthenticated', 'No credentials.')],
    ['Restcomm rejects the credentials', new RestcommError('unauthenticated', 'Rejected.', { status: 401 })],
    [
      "Restcomm rejects the gateway's credentials",
      new RestcommError('serviceCredentialsRejected', 'Rejected.', { status: 401 }),
    ],
  ])('ConferenceCommands.muteAll reports a command as not executed if %s', async (_case, error) => {
    expect(await messageAfter(error)).toBe(
      'The command was not executed: Restcomm is overloaded or unavailable (try again later), or rejected the credentials.',
    )
  })

  it.each([
    ['the response timed out', new RestcommError('timedOut', 'Late.')],
    ['the connection broke', new RestcommError('unavailable', 'Broken.')],
    ['Restcomm failed', new RestcommError('unavailable', 'Failed.', { status: 503 })],
    [
      'Restcomm failed and sent Retry-After',
      new RestcommError('unavailable', 'Failed.', { status: 503, retryAfterSeconds: 30 }),
    ],
    ['the request timed out', new RestcommError('deadlineExceeded', 'Timed out.')],
  ])('ConferenceCommands.muteAll reports an unknown outcome if %s', async (_case, error) => {
    expect(await messageAfter(error)).toContain('may or may not have been executed')
  })
})

describe('the audit records of a mutation', () => {
  const key = { conference, callSid: firstSid }
  const refuse = (error: Error) => createCommands(() => Promise.reject(error))

  it('ConferenceCommands writes a record for each command', async () => {
    const { commands, audited } = createCommands()
    await commands.setMuted(key, true)
    await commands.setMuted(key, false)
    await commands.muteAll(conference, new Set([firstSid]))
    await commands.end(conference)
    expect(audited).toEqual([
      `mute ${firstSid} executed`,
      `unmute ${firstSid} executed`,
      ...callSids.slice(1).map(callSid => `mute ${callSid} executed`),
      ...callSids.map(callSid => `hangUp ${callSid} executed`),
    ])
  })

  it.each([
    ['refused', new RestcommError('rejected', 'Rejected.', { status: 400 })],
    ['refused', new RestcommError('notFound', 'Gone.', { status: 404 })],
    ['refused', new RestcommError('forbidden', 'Forbidden.', { status: 403 })],
    ['failed', new RestcommError('overloaded', 'Queue full.', { retryAfterSeconds: 1 })],
    ['failed', new RestcommError('unauthenticated', 'Rejected.', { status: 401 })],
    ['unknown', new RestcommError('unavailable', 'Failed.', { status: 500 })],
    ['unknown', new RestcommError('timedOut', 'Late.')],
    ['unknown', new RestcommError('unavailable', 'Broken.')],
    ['unknown', new Error('A bug.')],
  ])('ConferenceCommands records the outcome `%s` after the error: %s', async (outcome, error) => {
    const { commands, audited } = refuse(error)
    await commands.hangUp(key).catch(() => undefined)
    expect(audited).toEqual([`hangUp ${firstSid} ${outcome}`])
  })

  it('ConferenceCommands records a missing participant and an ended conference as refused', async () => {
    const { commands, audited } = createCommands()
    const stranger = `CA${'9'.repeat(32)}`
    await commands.hangUp({ conference, callSid: stranger })
    expect(audited).toEqual([`hangUp ${stranger} refused`])
  })

  it('ConferenceCommands records a command that continues after a disconnect when the command has ended', async () => {
    const answer = Promise.withResolvers<void>()
    const { commands, cancellation, audited } = createCommands(() => answer.promise)
    const result = commands.setMuted(key, true).catch(() => undefined)
    await new Promise(resolve => setImmediate(resolve))
    cancellation.cancel(new RestcommError('cancelled', 'The client left.'))
    await result
    expect(audited).toEqual([])
    answer.resolve()
    await expect.poll(() => audited).toEqual([`mute ${firstSid} executed`])
  })

  it('ConferenceCommands rejects an action without the right, and records the action as forbidden', async () => {
    const { commands, audited } = createCommands(undefined, ['mute'])
    const message =
      'These credentials do not permit the action `hangup`: use an API key with the right (`/hangup` in ' +
      'API_KEY_HASHES), or a token with the scope `restcomm:hangup`.'
    await expect(commands.hangUp(key)).rejects.toThrow(message)
    await expect(commands.end(conference)).rejects.toThrow(message)
    await commands.setMuted(key, false)
    expect(audited).toEqual([`hangUp ${firstSid} forbidden`, 'hangUp null forbidden', `unmute ${firstSid} executed`])
  })
})
