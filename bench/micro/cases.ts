import { Connection } from '../../src/relay/connection.ts'
import { anchorCursor, anchorOf, keyCursor, sortKeyOf } from '../../src/relay/cursor.ts'
import { type KeyedOrder, keyedWindow, pageByKey, sortByKey } from '../../src/relay/sortedConnection.ts'
import { anchoredWindow, pageByAnchor } from '../../src/relay/offsetConnection.ts'
import { coveringPage, windowOf } from '../../src/relay/connectionArgs.ts'
import { decodeConference } from '../../src/restcomm/resources/conferences.ts'
import { believedTotal } from '../../src/restcomm/paging/envelope.ts'
import { decodeParticipant } from '../../src/restcomm/resources/participants.ts'
import { answerTo } from '../src/data/answers.ts'
import { createData } from '../src/data/rows.ts'

/** A hot function, doing what it does for a page of 50 rows. */
export interface Case {
  readonly name: string
  run(): unknown
}

const data = createData(1)
const [account] = data.busy
if (account === undefined) throw new Error('There is no account.')
const path = `Accounts/${account.sid}/Conferences`
const request = { page: 0, size: 50 }

const listText = answerTo(data, account, `/restcomm/2012-04-24/${path}?Page=0&PageSize=50`)
const envelope = JSON.parse(listText) as { conferences: readonly unknown[] }
const conferences = envelope.conferences.map(decodeConference)

/** Fifty participants, from as many conferences as it takes. */
const wireParticipants = account.conferences
  .flatMap(sid => {
    const text = answerTo(data, account, `/restcomm/2012-04-24/${path}/${sid}/Participants`)
    return (JSON.parse(text) as { calls: readonly unknown[] }).calls
  })
  .slice(0, 50)
const conference = { accountSid: account.sid, sid: account.conferences[0] ?? '' }
const participants = wireParticipants.map(row => decodeParticipant(row, conference))

const FINGERPRINT = '0123456789'
const LIMITS = { defaultSize: 50, maximumSize: 500 }
const anchors = conferences.map(({ sid }, i) => anchorCursor(FINGERPRINT, { position: 4_000 + i, id: sid }))

const order: KeyedOrder<(typeof participants)[number]> = {
  fingerprint: FINGERPRINT,
  keyOf: ({ dateCreated, callSid }) => [Date.parse(dateCreated), callSid],
  shape: [0, ''],
}
const keys = participants.map(order.keyOf)
const keyed = keyedWindow(windowOf({}, LIMITS), order)

const source = {
  maximumPageSize: 1_000,
  idOf: ({ sid }: (typeof conferences)[number]) => sid,
  read: async () => ({ start: 0, rows: conferences, atEnd: true, total: 50, claimedTotal: null }),
  total: async () => 50,
  recount: async () => 50,
  forget: () => {},
  anchorMoved: () => {},
}

/** What every ratio is to: the least that can be done with these rows. */
export const BASELINE: Case = { name: 'JSON.parse of 50 conferences', run: () => JSON.parse(listText) }

export const CASES: readonly Case[] = [
  { name: 'decode 50 conferences', run: () => envelope.conferences.map(decodeConference) },
  { name: 'decode 50 participants', run: () => wireParticipants.map(row => decodeParticipant(row, conference)) },
  {
    name: 'coveringPage of 50 windows, deep',
    run: () => conferences.map((_, i) => coveringPage(4_000 + 7 * i, 22 + i, 1_004)),
  },
  { name: 'believedTotal, 50 times', run: () => conferences.map(() => believedTotal(envelope, path, request, 50)) },
  {
    name: 'write 50 cursors with an anchor',
    run: () => conferences.map(({ sid }, i) => anchorCursor(FINGERPRINT, { position: 4_000 + i, id: sid })),
  },
  { name: 'read 50 cursors with an anchor', run: () => anchors.map(cursor => anchorOf(cursor, FINGERPRINT, 'after')) },
  {
    name: 'write and read 50 cursors with a key',
    run: () => keys.map(key => sortKeyOf(keyCursor(FINGERPRINT, key), FINGERPRINT, 'after', key)),
  },
  {
    name: 'a connection of 50 in upstream order',
    run: async () => {
      const window = windowOf({ first: 50 }, LIMITS)
      const page = () => pageByAnchor(source, anchoredWindow(window, FINGERPRINT))
      const connection = new Connection({ window, page, totalCount: source.total })
      const { hasNextPage, endCursor } = connection.pageInfo()
      return Promise.all([connection.edges(), connection.nodes(), hasNextPage(), endCursor(), connection.totalCount()])
    },
  },
  { name: 'a page of 50, sorted by key', run: () => pageByKey(sortByKey(participants, order), keyed, order) },
]
