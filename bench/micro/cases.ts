import { timeOf } from '../../src/model.ts'
import { parseConnectionArgs } from '../../src/relay/connection.ts'
import { decodeKeyCursor, decodeOffsetCursor, encodeKeyCursor, encodeOffsetCursor } from '../../src/relay/cursor.ts'
import { offsetConnection } from '../../src/relay/offsetConnection.ts'
import { coveringPage } from '../../src/relay/rowLocator.ts'
import { parseKeyWindow, type SortOrder, sliceByKey, sortByKey } from '../../src/relay/sortedConnection.ts'
import { consistentTotal } from '../../src/restcomm/paging/envelope.ts'
import { decodeConference } from '../../src/restcomm/resources/conferences.ts'
import { decodeParticipant } from '../../src/restcomm/resources/participants.ts'
import { createData } from '../src/data/testData.ts'
import { responseTo } from '../src/data/upstreamResponses.ts'

/** A benchmark of a frequently called function. `run` calls the function as often as a page of 50 rows requires. */
export interface Case {
  readonly name: string
  run(): unknown
}

const data = createData(1)
const [account] = data.runningAccounts
if (account === undefined) throw new Error('The test data has no account.')
const path = `Accounts/${account.sid}/Conferences`
const request = { page: 0, size: 50 }

const listText = responseTo(data, account, `/restcomm/2012-04-24/${path}?Page=0&PageSize=50`)
const envelope = JSON.parse(listText) as { conferences: readonly unknown[] }
const conferences = envelope.conferences.map(decodeConference)

const wireParticipants = account.conferences
  .flatMap(sid => {
    const text = responseTo(data, account, `/restcomm/2012-04-24/${path}/${sid}/Participants`)
    return (JSON.parse(text) as { calls: readonly unknown[] }).calls
  })
  .slice(0, 50)
const conference = { accountSid: account.sid, sid: account.conferences[0] ?? '' }
const participants = wireParticipants.map(row => decodeParticipant(row, conference))

const FINGERPRINT = '0123456789'
const LIMITS = { defaultPageSize: 50, maxPageSize: 500 }
const anchors = conferences.map(({ sid }, i) => encodeOffsetCursor(FINGERPRINT, { position: 4_000 + i, id: sid }))

const order: SortOrder<(typeof participants)[number]> = {
  fingerprint: () => FINGERPRINT,
  keyOf: ({ dateCreated, callSid }) => [timeOf(dateCreated), callSid],
  sampleKey: [0, ''],
}
const keys = participants.map(order.keyOf)
const keyed = parseKeyWindow(parseConnectionArgs({}, LIMITS), order)

const source = {
  maxPageSize: 1_000,
  idOf: ({ sid }: (typeof conferences)[number]) => sid,
  read: async () => ({ start: 0, rows: conferences, atEnd: true, total: 50, unverifiedTotal: null }),
  total: async () => 50,
  recount: async () => 50,
  tryConsumeSearchPage: () => true,
  cursorDrifted: () => {},
}

/** A ratio in the report is the time of a case divided by the time of this baseline. */
export const BASELINE: Case = { name: 'JSON.parse of 50 conferences', run: () => JSON.parse(listText) }

export const CASES: readonly Case[] = [
  { name: 'decode 50 conferences', run: () => envelope.conferences.map(decodeConference) },
  { name: 'decode 50 participants', run: () => wireParticipants.map(row => decodeParticipant(row, conference)) },
  {
    name: 'covering page of 50 deep windows',
    run: () => conferences.map((_, i) => coveringPage(4_000 + 7 * i, 22 + i, 1_004)),
  },
  { name: 'total of 50 envelopes', run: () => conferences.map(() => consistentTotal(envelope, path, request, 50)) },
  {
    name: 'encode 50 offset cursors',
    run: () => conferences.map(({ sid }, i) => encodeOffsetCursor(FINGERPRINT, { position: 4_000 + i, id: sid })),
  },
  {
    name: 'decode 50 offset cursors',
    run: () => anchors.map(cursor => decodeOffsetCursor(cursor, FINGERPRINT, 'after')),
  },
  {
    name: 'encode and decode 50 key cursors',
    run: () => keys.map(key => decodeKeyCursor(encodeKeyCursor(FINGERPRINT, key), FINGERPRINT, 'after', key)),
  },
  {
    name: 'a connection of 50 in upstream order',
    run: async () => {
      const connection = offsetConnection(source, parseConnectionArgs({ first: 50 }, LIMITS), FINGERPRINT)
      const { hasNextPage, endCursor } = connection.pageInfo()
      return Promise.all([connection.edges(), connection.nodes(), hasNextPage(), endCursor(), connection.totalCount()])
    },
  },
  { name: 'a page of 50 sorted by key', run: () => sliceByKey(sortByKey(participants, order), keyed, order) },
]
