import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { diffConferenceStates } from '../../../src/live/diffConferenceStates.ts'
import type { ConferenceEvent, ConferenceState } from '../../../src/live/events.ts'
import { CONFERENCE_STATUSES, type Conference, isReadable, type Participant } from '../../../src/model.ts'
import { DecodingError } from '../../../src/restcomm/errors.ts'

const KEY = { accountSid: 'AC1', sid: 'CF1' }
/** A state from Redis contains equal errors, but not the same objects. */
const unreadable = () => new Error('Restcomm returned a participant with an invalid flag.')
const flag = fc.constantFrom<boolean | null | 'unreadable'>(true, false, null, 'unreadable').map(value => {
  return value === 'unreadable' ? unreadable() : value
})

const participant = fc.record({
  callSid: fc.integer({ min: 0, max: 12 }).map(n => `CA${n}`),
  muted: flag,
  hold: flag,
  startConferenceOnEnter: flag,
  endConferenceOnExit: flag,
})

const snapshot: fc.Arbitrary<ConferenceState> = fc.record({
  conference: fc.constantFrom(...CONFERENCE_STATUSES, 'SOMETHING_NEW', 'ANOTHER').map(
    (statusText): Conference => ({
      ...KEY,
      statusText,
      status: CONFERENCE_STATUSES.find(status => status === statusText) ?? 'UNKNOWN',
      friendlyName: null,
      dateCreated: '2019-01-01T00:00:00Z',
      dateUpdated: '2019-01-01T00:00:00Z',
      apiVersion: '2012-04-24',
      uri: '/',
    }),
  ),
  participants: fc
    .tuple(fc.uniqueArray(participant, { selector: ({ callSid }) => callSid }), fc.boolean())
    .map(([list, hasBadRow]) => [
      ...list.map(
        (row): Participant => ({
          ...row,
          accountSid: 'AC1',
          conference: KEY,
          dateCreated: '',
          dateUpdated: '',
          uri: '',
        }),
      ),
      ...(hasBadRow ? [new DecodingError('Restcomm returned a malformed participant.', 'row')] : []),
    ]),
})

/** Client-side state after an event. */
const applyEvent = (before: ConferenceState, event: ConferenceEvent): ConferenceState => {
  const participants = before.participants.filter(isReadable)
  switch (event.__typename) {
    case 'ConferenceSnapshot':
      return { conference: event.conference, participants: event.participants }
    case 'ConferenceStatusChanged':
      return { conference: event.conference, participants }
    case 'ParticipantJoined':
      return { ...before, participants: [...participants, event.participant] }
    case 'ParticipantLeft':
      return { ...before, participants: participants.filter(({ callSid }) => callSid !== event.participant.callSid) }
    case 'ParticipantChanged':
      return {
        ...before,
        participants: participants.map(row => (row.callSid === event.participant.callSid ? event.participant : row)),
      }
  }
}

/** Client-side view without the order of participants, which is undefined. */
const clientView = ({ conference, participants }: ConferenceState) => ({
  status: conference.statusText,
  participants: participants.filter(isReadable).toSorted((a, b) => (a.callSid < b.callSid ? -1 : 1)),
})

describe('diffConferenceStates', () => {
  it('diffConferenceStates returns events that lead from the first state to the second when applied in order', () => {
    fc.assert(
      fc.property(snapshot, snapshot, (before, after) => {
        expect(clientView(diffConferenceStates(before, after).reduce(applyEvent, before))).toEqual(clientView(after))
      }),
      { numRuns: 3_000 },
    )
  })

  it('diffConferenceStates returns no event for equal states and at most one event for each participant', () => {
    fc.assert(
      fc.property(snapshot, snapshot, (before, after) => {
        const copies = after.participants.map(row =>
          isReadable(row) ? { ...row, hold: isReadable(row.hold) ? row.hold : unreadable() } : row,
        )
        expect(diffConferenceStates(after, { ...after, participants: copies.toReversed() })).toEqual([])
        const events = diffConferenceStates(before, after)
        const changed = events.map(event => ('participant' in event ? event.participant.callSid : 'conference'))
        expect(new Set(changed).size).toBe(changed.length)
      }),
      { numRuns: 1_000 },
    )
  })

  it('diffConferenceStates returns the status change last, and the changed flags of each participant', () => {
    fc.assert(
      fc.property(snapshot, snapshot, (before, after) => {
        const events = diffConferenceStates(before, after)
        const status = events.findIndex(({ __typename }) => __typename === 'ConferenceStatusChanged')
        expect([-1, events.length - 1]).toContain(status)
        for (const event of events) {
          if (event.__typename !== 'ParticipantChanged') continue
          const was = before.participants
            .filter(isReadable)
            .find(({ callSid }) => callSid === event.participant.callSid)
          expect(event.changed.includes('MUTED')).toBe(String(was?.muted) !== String(event.participant.muted))
          expect(event.changed.length).toBeGreaterThan(0)
        }
      }),
    )
  })
})
