import { expect, it } from 'vitest'
import { createConferenceSource } from '../../../src/live/conferenceSource.ts'
import type { Conference, Participant } from '../../../src/model.ts'
import type { RestcommClient } from '../../../src/restcomm/client.ts'
import { DecodingError } from '../../../src/restcomm/errors.ts'

const KEY = { accountSid: 'AC1', sid: 'CF1' }
const conference: Conference = {
  ...KEY,
  friendlyName: null,
  status: 'RUNNING_MODERATOR_PRESENT',
  statusText: 'RUNNING_MODERATOR_PRESENT',
  apiVersion: '2012-04-24',
  dateCreated: '2026-11-01T10:00:00+00:00',
  dateUpdated: '2026-11-01T10:00:00+00:00',
  uri: '/',
}
const participant = (callSid: string, muted = false): Participant => ({
  callSid,
  accountSid: 'AC1',
  conference: KEY,
  muted,
  hold: false,
  startConferenceOnEnter: true,
  endConferenceOnExit: false,
  dateCreated: '2026-11-01T10:00:00+00:00',
  dateUpdated: '2026-11-01T10:00:00+00:00',
  uri: '/',
})
const badRow = new DecodingError('Restcomm returned a participant with an invalid `sid`.', 'row')
const [one, two, three] = [participant('CA1'), participant('CA2'), participant('CA3')]

/** Polls the lists one after another; returns the source and the participants of the state after each poll. */
async function poll(...lists: readonly (readonly (Participant | DecodingError)[])[]) {
  let list = lists[0] ?? []
  const client = { conference: async () => conference, participants: async () => list }
  const source = createConferenceSource(() => client as Partial<RestcommClient> as RestcommClient, KEY)
  let state = null
  const events: unknown[] = []
  for (list of lists) {
    const before = state
    state = await source.poll(before)
    if (before === null) continue
    for (const event of source.diff(before, state)) {
      events.push([event.__typename, 'participant' in event ? event.participant.callSid : null])
    }
  }
  return { source, events, state }
}

it('a poll with an unreadable row keeps the known participants until a list without such a row', async () => {
  const { state } = await poll([one, two], [badRow, two])
  expect(state?.participants).toEqual([badRow, two, one])
  const readable = await poll([one, two], [badRow, two], [two])
  expect(readable.state?.participants).toEqual([two])
  expect(readable.events).toEqual([['ParticipantLeft', 'CA1']])
})

it('a poll with an unreadable row reports the joins and flags of the other participants, and no leave', async () => {
  const { events } = await poll([one, two], [badRow, participant('CA2', true), three], [one, participant('CA2', true)])
  expect(events).toEqual([
    ['ParticipantJoined', 'CA3'],
    ['ParticipantChanged', 'CA2'],
    ['ParticipantLeft', 'CA3'],
  ])
})

it('a received state with an unreadable row keeps the participants that the publishing replica does not know', async () => {
  const { source, state } = await poll([one, two])
  const received = await source.complete(state, { conference, participants: [badRow, two] })
  expect(received.participants).toEqual([badRow, two, one])
  expect(await source.complete(received, { conference, participants: [two] })).toMatchObject({ participants: [two] })
})
