import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createAccountSource } from '../../../src/live/accountSource.ts'
import { createConferenceSource } from '../../../src/live/conferenceSource.ts'
import type { ConferenceState } from '../../../src/live/events.ts'
import { isCallOver, isConferenceOver, isReadable } from '../../../src/model.ts'
import { MAX_CLOCK_LEAD_US, parseChange, parseMessage, parseRow } from '../../../src/redis/messages.ts'
import { decodeRow } from '../../../src/restcomm/decode.ts'
import { DecodingError, invalidMember, uniqueRows } from '../../../src/restcomm/errors.ts'
import { decodeCall } from '../../../src/restcomm/resources/calls.ts'
import { decodeConference } from '../../../src/restcomm/resources/conferences.ts'
import { decodeParticipant } from '../../../src/restcomm/resources/participants.ts'

const ACCOUNT = `AC${'a'.repeat(32)}`
const OTHER = `AC${'b'.repeat(32)}`
const KEY = { accountSid: ACCOUNT, sid: `CF${'1'.repeat(32)}` }
const REPLICA = '9dcf31bc-9f0c-4b35-a1f6-6e6f3bd61bd5'
const NOW = 1_800_000_000_000_000

const noClient = () => {
  throw new Error('The test reads nothing.')
}
const conferenceSource = createConferenceSource(noClient, KEY)
const accountSource = createAccountSource(noClient, ACCOUNT)

const DATE = 'Tue, 31 May 2016 16:15:51 +0300'
const conferenceJson = {
  sid: KEY.sid,
  account_sid: ACCOUNT,
  friendly_name: 'room',
  status: 'RUNNING_MODERATOR_PRESENT',
  date_created: DATE,
  date_updated: DATE,
  api_version: '2012-04-24',
  uri: '/conference',
}
const participantJson = {
  sid: `CA${'2'.repeat(32)}`,
  account_sid: ACCOUNT,
  muted: false,
  hold: false,
  uri: '/participant',
}
const conference = decodeConference(conferenceJson)
const participant = decodeParticipant({ ...participantJson, date_created: DATE, date_updated: DATE }, KEY)
const state: ConferenceState = { conference, participants: [participant] }

function parseState(
  value: unknown,
  accepts: (state: unknown) => boolean = conferenceSource.accepts,
  envelope: object = {},
) {
  const message = { kind: 'state', version: NOW, startedAfter: NOW - 1, nextPollMs: 2_000, state: value, ...envelope }
  return parseMessage(JSON.stringify(message), { time: NOW, maxNextPollMs: 30_000, acceptsState: accepts })
}

/** Any member of a response, often of a valid form. */
const member = fc.oneof(
  fc.jsonValue({ maxDepth: 1 }),
  fc.constantFrom(DATE, '2016-05-31T16:15:51.25Z', 'COMPLETED', 'in-progress', '17', 1.5, -1, true, null, ACCOUNT),
)
const members = (names: readonly string[]) =>
  fc.record(Object.fromEntries(names.map(name => [name, member])), { requiredKeys: [] })
const CALL_FIELDS =
  'parent_call_sid from to caller_name forwarded_from direction status answered_by start_time end_time duration ring_duration date_created date_updated uri'
const CONFERENCE_FIELDS = 'friendly_name status date_created date_updated api_version uri'
const PARTICIPANT_FIELDS =
  'sid account_sid muted hold start_conference_on_enter end_conference_on_exit date_created date_updated uri'

describe('a state in Redis', () => {
  it('every state that replicas publish is accepted, and restored with its errors', () => {
    const rows = fc.array(members(PARTICIPANT_FIELDS.split(' ')), { maxLength: 4 })
    fc.assert(
      fc.property(members(CONFERENCE_FIELDS.split(' ')), rows, (fields, participants) => {
        const conference = decodeConference({ ...fields, sid: KEY.sid, account_sid: ACCOUNT })
        const decoded = participants.map((row, i) =>
          decodeRow({ ...participantJson, sid: `CA${String(i).padStart(32, '0')}`, ...row }, value =>
            decodeParticipant(value, KEY),
          ),
        )
        const state = { conference, participants: uniqueRows(decoded, ({ callSid }) => callSid) }
        expect(parseState(state)).toMatchObject({ kind: 'state', state })
        const accountState = uniqueRows([conference, ...decoded.filter(row => !isReadable(row))] as never[], () => '')
        expect(parseState(accountState, accountSource.accepts)).toMatchObject({ state: accountState })
      }),
    )
  })

  it.each([
    [
      'the account of a conference with a path',
      { ...state, conference: { ...conference, accountSid: `${ACCOUNT}/../${OTHER}` } },
    ],
    ['another account', { ...state, conference: { ...conference, accountSid: OTHER } }],
    ['another conference', { ...state, conference: { ...conference, sid: `CF${'9'.repeat(32)}` } }],
    ['a missing field', { ...state, conference: { ...conference, uri: undefined } }],
    ['a further field', { ...state, conference: { ...conference, more: 1 } }],
    ['an unknown status', { ...state, conference: { ...conference, status: 'constructor' } }],
    ['a date without a form', { ...state, conference: { ...conference, dateCreated: 'yesterday' } }],
    ['a participant with a path as SID', { ...state, participants: [{ ...participant, callSid: '../Calls' }] }],
    ['a participant of a path', { ...state, participants: [{ ...participant, accountSid: `${ACCOUNT}/../${OTHER}` }] }],
    [
      'a participant of another conference',
      { ...state, participants: [{ ...participant, conference: { ...KEY, accountSid: OTHER } }] },
    ],
    ['a flag that is a text', { ...state, participants: [{ ...participant, muted: 'true' }] }],
    ['participants without an array', { ...state, participants: { length: 1 } }],
    ['a participant that is null', { ...state, participants: [null] }],
    ['a conference that is an error', { ...state, conference: invalidMember('conference', 'uri', 'a string') }],
    ['an additional member', { ...state, activeCalls: null }],
    ['no object', 'state'],
    ['null', null],
  ])('a state of a conference with %s is invalid', (_mistake, forged) => {
    expect(parseState(forged)).toBeNull()
  })

  it.each([
    ['a conference of another account', [{ ...conference, accountSid: OTHER }]],
    ['a path as account', [{ ...conference, accountSid: `${ACCOUNT}/../${OTHER}` }]],
    ['a participant', [participant]],
    ['no array', { 0: conference }],
  ])('a state of an account with %s is invalid', (_mistake, forged) => {
    expect(parseState(forged, accountSource.accepts)).toBeNull()
  })

  it.each([
    ['a version of 2^53', { version: 2 ** 53 }],
    ['a version far after the clock of Redis', { version: NOW + MAX_CLOCK_LEAD_US + 1 }],
    ['a negative version', { version: -1 }],
    ['a fraction as version', { version: NOW - 0.5 }],
    ['a text as version', { version: String(NOW) }],
    ['a start after the publication', { startedAfter: NOW + 1 }],
    ['no start', { startedAfter: undefined }],
    ['a negative delay', { nextPollMs: -1 }],
    ['a text as delay', { nextPollMs: '1' }],
    ['an unknown kind', { kind: 'states' }],
  ])('a message with %s is invalid', (_mistake, envelope) => {
    expect(parseState(state, conferenceSource.accepts, envelope)).toBeNull()
  })

  it('a message with a delay that is too long is used with the longest delay', () => {
    expect(parseState(state, conferenceSource.accepts, { nextPollMs: 1e12 })).toMatchObject({ nextPollMs: 30_000 })
    const infinite = JSON.stringify({ kind: 'state', version: NOW, startedAfter: NOW, state }).replace(
      '{',
      '{"nextPollMs":1e999,',
    )
    const limits = { time: NOW, maxNextPollMs: 30_000, acceptsState: conferenceSource.accepts }
    expect(parseMessage(infinite, limits)).toMatchObject({ nextPollMs: 30_000 })
  })

  it.each(['', 'no JSON', 'null', '1', '[]', '{"kind":', '['.repeat(100_000), '"'.repeat(9_000_000)])(
    'the text %.20s is no message',
    text => {
      const limits = { time: NOW, maxNextPollMs: 30_000, acceptsState: () => true }
      expect([parseMessage(text, limits), parseChange(text), parseRow(text, 'id')]).toEqual([null, null, null])
    },
  )

  it('an unknown text of a decoding error is replaced, because clients see the text', () => {
    const read = (decodingError: unknown, rowId: unknown = '-0') => {
      const message = parseState({ ...state, participants: [{ decodingError, rowId }] })
      const [row] = message?.kind === 'state' ? (message.state as ConferenceState).participants : []
      return row instanceof DecodingError ? [row.message, row.rowId] : row
    }
    const known = invalidMember('call', 'date_created', 'a date').message
    expect(read(known)).toEqual([known, '-0'])
    const fixed = 'Restcomm returned a value that cannot be read.'
    for (const forged of [
      'Your password has expired: visit evil.example.',
      `${known} Visit evil.example.`,
      1,
      null,
      {},
    ]) {
      expect(read(forged)).toEqual([fixed, '-0'])
    }
    for (const rowId of ['x'.repeat(100), 1, null, '../']) expect(read(known, rowId)).toEqual([known, ''])
  })
})

describe('further messages in Redis', () => {
  const limits = { time: NOW, maxNextPollMs: 30_000, acceptsState: () => false }
  const parse = (message: object) => parseMessage(JSON.stringify(message), limits)

  it('requests for a poll have a time, and releases the id of a replica', () => {
    expect(parse({ kind: 'pollNow', time: NOW + 1 })).toEqual({ kind: 'pollNow', time: NOW + 1 })
    expect(parse({ kind: 'released', from: REPLICA })).toEqual({ kind: 'released', from: REPLICA })
    for (const time of [2 ** 53, 1e300, -1, '1', null]) expect(parse({ kind: 'pollNow', time })).toBeNull()
    for (const from of ['', 1, 'x'.repeat(36), undefined]) expect(parse({ kind: 'released', from })).toBeNull()
  })

  it('changes name accounts and conferences', () => {
    const read = (resources: unknown, from: unknown = REPLICA) => parseChange(JSON.stringify({ from, resources }))
    const resources = [ACCOUNT, `${ACCOUNT}/${KEY.sid}`]
    expect(read(resources)).toEqual({ from: REPLICA, resources })
    const invalid = [null, {}, [1], ['x'], [`${ACCOUNT}/..`], [` ${ACCOUNT}`], [KEY.sid], Array(2_001).fill(ACCOUNT)]
    for (const value of invalid) expect(read(value)).toBeNull()
    expect(read(resources, 1)).toBeNull()
  })
})

describe('a cached row in Redis', () => {
  it('every row that never changes again and has no errors is accepted', () => {
    fc.assert(
      fc.property(members(CALL_FIELDS.split(' ')), members(CONFERENCE_FIELDS.split(' ')), (call, conference) => {
        const identity = {
          sid: `CA${'2'.repeat(32)}`,
          account_sid: ACCOUNT,
          date_created: DATE,
          date_updated: DATE,
          uri: '',
        }
        const callRow = decodeCall({ status: 'completed', ...call, ...identity })
        const conferenceRow = decodeConference({
          ...conferenceJson,
          status: 'FAILED',
          ...conference,
          date_created: DATE,
          sid: KEY.sid,
          account_sid: ACCOUNT,
        })
        const rows = [
          [callRow, isCallOver(callRow)],
          [conferenceRow, isConferenceOver(conferenceRow)],
        ] as const
        for (const [row, isOver] of rows) {
          const isCacheable = isOver && Object.values(row).every(isReadable)
          expect(parseRow(JSON.stringify(row), `${ACCOUNT}/${row.sid}`)).toEqual(isCacheable ? row : null)
        }
      }),
    )
  })

  it('no other JSON is a row', () => {
    fc.assert(
      fc.property(fc.json(), text => {
        expect(parseRow(text, `${ACCOUNT}/${KEY.sid}`)).toBeNull()
      }),
    )
  })
})
