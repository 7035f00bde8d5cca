import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { difference } from '../../../src/live/diff.ts'
import type { ConferenceEvent, Snapshot } from '../../../src/live/events.ts'
import { CONFERENCE_STATUSES, type Conference, type Participant } from '../../../src/model.ts'

const KEY = { accountSid: 'AC1', sid: 'CF1' }
const flag = fc.constantFrom(true, false, null)

const participant = fc.record({
  callSid: fc.integer({ min: 0, max: 12 }).map(n => `CA${n}`),
  muted: flag,
  hold: flag,
  startConferenceOnEnter: flag,
  endConferenceOnExit: flag,
})

const snapshot: fc.Arbitrary<Snapshot> = fc.record({
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
  participants: fc.uniqueArray(participant, { selector: ({ callSid }) => callSid }).map(list =>
    list.map(
      (one): Participant => ({
        ...one,
        accountSid: 'AC1',
        conference: KEY,
        dateCreated: '',
        dateUpdated: '',
        uri: '',
      }),
    ),
  ),
})

/** The moment after an event, for whoever knows the one before: what a client of the stream does. */
const applied = (before: Snapshot, event: ConferenceEvent): Snapshot => {
  const { participants } = before
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
        participants: participants.map(one => (one.callSid === event.participant.callSid ? event.participant : one)),
      }
  }
}

/** What a client can know of a moment: its order of callers is not part of it. */
const known = ({ conference, participants }: Snapshot) => ({
  status: conference.statusText,
  participants: participants.toSorted((a, b) => (a.callSid < b.callSid ? -1 : 1)),
})

describe('the difference of two moments', () => {
  it('replays: applied to the one before, it gives the one after', () => {
    fc.assert(
      fc.property(snapshot, snapshot, (before, after) => {
        expect(known(difference(before, after).reduce(applied, before))).toEqual(known(after))
      }),
      { numRuns: 3_000 },
    )
  })

  it('is nothing where nothing has happened, and nothing more than has happened', () => {
    fc.assert(
      fc.property(snapshot, snapshot, (before, after) => {
        expect(difference(after, { ...after, participants: after.participants.toReversed() })).toEqual([])
        const events = difference(before, after)
        const subjects = events.map(event => ('participant' in event ? event.participant.callSid : 'the conference'))
        expect(new Set(subjects).size).toBe(subjects.length)
      }),
      { numRuns: 1_000 },
    )
  })

  it('tells the status last, and each change by its flags', () => {
    fc.assert(
      fc.property(snapshot, snapshot, (before, after) => {
        const events = difference(before, after)
        const status = events.findIndex(({ __typename }) => __typename === 'ConferenceStatusChanged')
        expect([-1, events.length - 1]).toContain(status)
        for (const event of events) {
          if (event.__typename !== 'ParticipantChanged') continue
          const was = before.participants.find(({ callSid }) => callSid === event.participant.callSid)
          expect(event.changed.includes('MUTED')).toBe(was?.muted !== event.participant.muted)
          expect(event.changed.length).toBeGreaterThan(0)
        }
      }),
    )
  })
})
