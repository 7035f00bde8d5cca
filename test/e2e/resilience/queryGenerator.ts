import type { CallRow, ConferenceRow, RowStore } from '../../../src/sandbox/index.ts'
import { accountOf, basicOf, type QueryOptions } from '../../support/gateway.ts'
import { nodeIdOf } from '../../support/nodeId.ts'
import type { Prng } from '../../support/prng.ts'

/** A query and the expected result. */
export interface TestQuery {
  readonly kind: string
  readonly query: string
  readonly options: QueryOptions
  /** The expected `data`. */
  readonly expected: unknown
}

const ACCOUNTS = [
  'conf0',
  'conf1',
  'conf49',
  'conf50',
  'conf51',
  'conf100',
  'conf101',
  'conf137',
  'mix',
  'nullname',
] as const
const PARTICIPANTS_ACCOUNT = 'part'

const isoTime = (stamp: string): string => `${stamp.slice(0, 19).replace(' ', 'T')}Z`
const compare = <T extends number | string>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0)
const compareSids = (a: { sid: string }, b: { sid: string }): number => compare(a.sid, b.sid)

const CONFERENCE_FIELDS = 'sid accountSid friendlyName status statusText isRunning dateCreated dateUpdated'
const expectedConference = (row: ConferenceRow) => ({
  sid: row.sid,
  accountSid: row.account_sid,
  friendlyName: row.friendly_name,
  status: row.status,
  statusText: row.status,
  isRunning: row.status !== 'COMPLETED' && row.status !== 'FAILED',
  dateCreated: isoTime(row.date_created),
  dateUpdated: isoTime(row.date_updated),
})

const PARTICIPANT_FIELDS = 'callSid muted hold call { sid from to status }'
const expectedParticipant = (row: CallRow) => ({
  callSid: row.sid,
  muted: row.muted,
  hold: row.on_hold,
  call: { sid: row.sid, from: row.sender, to: row.recipient, status: 'IN_PROGRESS' },
})

const participantsOf = (rows: RowStore, conference: ConferenceRow): readonly CallRow[] =>
  (conference.status === 'COMPLETED' || conference.status === 'FAILED' ? [] : rows.callsIn(conference.sid))
    .filter(({ status }) => status === 'in-progress')
    .toSorted((a, b) => compare(isoTime(a.date_created), isoTime(b.date_created)) || compareSids(a, b))

/** Generates random queries on rows that do not change during a test. Pages start at cursors of earlier responses. */
export class QueryGenerator {
  readonly #rows: RowStore
  readonly #prng: Prng
  /** Cursors of earlier responses with their positions, by account label. */
  readonly #cursors = new Map<string, { cursor: string; position: number }[]>()

  constructor(rows: RowStore, prng: Prng) {
    this.#rows = rows
    this.#prng = prng
  }

  next(): TestQuery {
    const kinds = [
      this.conference,
      this.missingConference,
      this.page,
      this.page,
      this.page,
      this.filteredCounts,
      this.conferencesWithParticipants,
      this.sortedConferences,
      this.nodes,
      this.entities,
      this.conferenceCalls,
      this.viewer,
      this.subAccount,
      this.aliases,
    ]
    return (kinds[this.#prng.integerBelow(kinds.length)] ?? this.conference).call(this)
  }

  /** Stores the cursors of a correct response to `page`. */
  addCursors(query: TestQuery, edges: readonly { readonly cursor: string }[]): void {
    const { label, start } = JSON.parse(query.kind.replace('page ', '')) as { label: string; start: number }
    if (edges.length > 0)
      this.#cursors.set(
        label,
        edges.map(({ cursor }, i) => ({ cursor, position: start + i })),
      )
  }

  conference(): TestQuery {
    const { label, row } = this.#randomConference()
    return {
      kind: 'conference',
      query: `query ($sid: ConferenceSid!) { conference(sid: $sid) { ${CONFERENCE_FIELDS} } }`,
      options: { as: label, variables: { sid: row.sid } },
      expected: { conference: expectedConference(row) },
    }
  }

  missingConference(): TestQuery {
    const sid = `CF${String(this.#prng.integerBelow(1_000)).padStart(32, '0')}`
    return {
      kind: 'missingConference',
      query: `query ($sid: ConferenceSid!) { conference(sid: $sid) { ${CONFERENCE_FIELDS} } }`,
      options: { as: this.#randomAccount(), variables: { sid } },
      expected: { conference: null },
    }
  }

  page(): TestQuery {
    const label = this.#randomAccount()
    const conferences = this.#conferences(label)
    const cursors = this.#cursors.get(label) ?? []
    const edge = this.#prng.integerBelow(3) === 0 ? undefined : cursors[this.#prng.integerBelow(cursors.length)]
    const isBackward = this.#prng.integerBelow(3) === 0
    const size = 1 + this.#prng.integerBelow(60)
    const [rangeStart, rangeEnd] = isBackward
      ? [0, edge?.position ?? conferences.length]
      : [edge ? edge.position + 1 : 0, conferences.length]
    const start = isBackward ? Math.max(rangeStart, rangeEnd - size) : rangeStart
    const end = isBackward ? rangeEnd : Math.min(rangeEnd, rangeStart + size)
    return {
      kind: `page ${JSON.stringify({ label, start })}`,
      query: `query ($first: Int, $last: Int, $after: String, $before: String) {
        conferences(first: $first, last: $last, after: $after, before: $before) {
          totalCount edges { node { ${CONFERENCE_FIELDS} } } pageInfo { hasNextPage hasPreviousPage } cursors: edges { cursor }
        }
      }`,
      options: {
        as: label,
        variables: {
          [isBackward ? 'last' : 'first']: size,
          ...(edge && { [isBackward ? 'before' : 'after']: edge.cursor }),
        },
      },
      expected: {
        conferences: {
          totalCount: conferences.length,
          edges: conferences.slice(start, end).map(row => ({ node: expectedConference(row) })),
          pageInfo: { hasNextPage: end < conferences.length, hasPreviousPage: start > 0 },
        },
      },
    }
  }

  filteredCounts(): TestQuery {
    const label = this.#randomAccount()
    const status = ['COMPLETED', 'FAILED', 'STOPPING'][this.#prng.integerBelow(3)] ?? 'FAILED'
    return {
      kind: 'filteredCounts',
      query: `query ($status: ConferenceStatus) {
        all: conferences { totalCount } some: conferences(filter: { status: $status }) { totalCount }
      }`,
      options: { as: label, variables: { status } },
      expected: {
        all: { totalCount: this.#conferences(label).length },
        some: { totalCount: this.#conferences(label).filter(row => row.status === status).length },
      },
    }
  }

  conferencesWithParticipants(): TestQuery {
    const first = 1 + this.#prng.integerBelow(6)
    const conferences = this.#conferences(PARTICIPANTS_ACCOUNT)
    const start = this.#prng.integerBelow(5) === 0 ? Math.max(0, conferences.length - first) : 0
    const sizeArgument = start > 0 ? 'last' : 'first'
    return {
      kind: 'conferencesWithParticipants',
      query: `query ($n: Int) { conferences(${sizeArgument}: $n) {
        nodes { sid participants(first: 20) { totalCount nodes { ${PARTICIPANT_FIELDS} } } }
      } }`,
      options: { as: PARTICIPANTS_ACCOUNT, variables: { n: first } },
      expected: {
        conferences: {
          nodes: conferences.slice(start, start + first).map(conference => {
            const participants = participantsOf(this.#rows, conference)
            const nodes = participants.slice(0, 20).map(expectedParticipant)
            return { sid: conference.sid, participants: { totalCount: participants.length, nodes } }
          }),
        },
      },
    }
  }

  sortedConferences(): TestQuery {
    const label = this.#randomAccount()
    const direction = this.#prng.integerBelow(2) === 0 ? 'ASC' : 'DESC'
    const first = 1 + this.#prng.integerBelow(40)
    const sorted = this.#conferences(label).toSorted(
      (a, b) => compare(isoTime(a.date_created), isoTime(b.date_created)) || compareSids(a, b),
    )
    return {
      kind: 'sortedConferences',
      query: `query ($first: Int) {
        conferences(first: $first, orderBy: { field: DATE_CREATED, direction: ${direction} }) { nodes { ${CONFERENCE_FIELDS} } }
      }`,
      options: { as: label, variables: { first } },
      expected: {
        conferences: {
          nodes: (direction === 'DESC' ? sorted.toReversed() : sorted).slice(0, first).map(expectedConference),
        },
      },
    }
  }

  nodes(): TestQuery {
    const label = this.#randomAccount()
    const { sid } = accountOf(label)
    const conferences = this.#conferences(label)
    const picked = Array.from(
      { length: 1 + this.#prng.integerBelow(8) },
      () => conferences[this.#prng.integerBelow(conferences.length)],
    )
    const ids = picked.map(row => nodeIdOf('Conference', sid, row?.sid ?? `CF${'0'.repeat(32)}`))
    return {
      kind: 'nodes',
      query: `query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Conference { ${CONFERENCE_FIELDS} } } }`,
      options: { as: label, variables: { ids } },
      expected: {
        nodes: picked.map((row, i) => (row === undefined ? null : { id: ids[i], ...expectedConference(row) })),
      },
    }
  }

  entities(): TestQuery {
    const { sid } = accountOf(PARTICIPANTS_ACCOUNT)
    const conferences = this.#conferences(PARTICIPANTS_ACCOUNT)
    const conference = conferences[this.#prng.integerBelow(conferences.length)]
    if (conference === undefined) throw new Error('The fixture has no conferences with participants.')
    const participant = participantsOf(this.#rows, conference)[0]
    const representations = [
      { __typename: 'Conference', accountSid: sid, sid: conference.sid },
      ...(participant
        ? [{ __typename: 'Participant', accountSid: sid, conferenceSid: conference.sid, callSid: participant.sid }]
        : []),
    ]
    return {
      kind: 'entities',
      query: `query ($representations: [_Any!]!) { _entities(representations: $representations) {
        ... on Conference { ${CONFERENCE_FIELDS} } ... on Participant { ${PARTICIPANT_FIELDS} }
      } }`,
      options: { as: PARTICIPANTS_ACCOUNT, variables: { representations } },
      expected: {
        _entities: [expectedConference(conference), ...(participant ? [expectedParticipant(participant)] : [])],
      },
    }
  }

  conferenceCalls(): TestQuery {
    const { sid: accountSid } = accountOf(PARTICIPANTS_ACCOUNT)
    const conferences = this.#conferences(PARTICIPANTS_ACCOUNT)
    const conference = conferences[this.#prng.integerBelow(conferences.length)]
    if (conference === undefined) throw new Error('The fixture has no conferences with participants.')
    const calls = this.#rows
      .callsIn(conference.sid)
      .filter(call => call.account_sid === accountSid)
      .toSorted((a, b) => compare(a.date_created, b.date_created) || compareSids(a, b))
    return {
      kind: 'conferenceCalls',
      query: `query ($sid: ConferenceSid!) {
        conference(sid: $sid) { calls(first: 30) { totalCount nodes { sid from to duration } } }
      }`,
      options: { as: PARTICIPANTS_ACCOUNT, variables: { sid: conference.sid } },
      expected: {
        conference: {
          calls: {
            totalCount: calls.length,
            nodes: calls
              .slice(0, 30)
              .map(({ sid, sender, recipient, duration }) => ({ sid, from: sender, to: recipient, duration })),
          },
        },
      },
    }
  }

  /** With the e-mail address as user name: the gateway has to look the SID up. */
  viewer(): TestQuery {
    const label = this.#randomAccount()
    const { sid, password } = accountOf(label)
    const row = this.#rows.account(sid)
    return {
      kind: 'viewer',
      query: '{ viewer { sid friendlyName conferences { totalCount } } }',
      options: { as: null, headers: { authorization: basicOf(row?.email_address ?? '', password) } },
      expected: {
        viewer: {
          sid,
          friendlyName: row?.friendly_name,
          conferences: { totalCount: this.#conferences(label).length },
        },
      },
    }
  }

  /** A sub-account, with the credentials of the parent account. */
  subAccount(): TestQuery {
    const label = this.#randomAccount()
    const { sid } = accountOf(label)
    const conferences = this.#conferences(label)
    return {
      kind: 'subAccount',
      query: `query ($sid: AccountSid!) {
        account(sid: $sid) { sid friendlyName conferences(first: 2) { totalCount nodes { ${CONFERENCE_FIELDS} } } }
      }`,
      options: { as: 'admin', variables: { sid } },
      expected: {
        account: {
          sid,
          friendlyName: this.#rows.account(sid)?.friendly_name,
          conferences: { totalCount: conferences.length, nodes: conferences.slice(0, 2).map(expectedConference) },
        },
      },
    }
  }

  aliases(): TestQuery {
    const { label, row } = this.#randomConference()
    const names = Array.from({ length: 10 }, (_, i) => `a${i}`)
    return {
      kind: 'aliases',
      query: `query ($sid: ConferenceSid!) { ${names.map(name => `${name}: conference(sid: $sid) { sid status }`).join(' ')} }`,
      options: { as: label, variables: { sid: row.sid } },
      expected: Object.fromEntries(names.map(name => [name, { sid: row.sid, status: row.status }])),
    }
  }

  #randomAccount(): string {
    return ACCOUNTS[this.#prng.integerBelow(ACCOUNTS.length)] ?? 'conf137'
  }

  #randomConference() {
    const label = ACCOUNTS[2 + this.#prng.integerBelow(6)] ?? 'conf137'
    const conferences = this.#conferences(label)
    const row = conferences[this.#prng.integerBelow(conferences.length)]
    if (row === undefined) throw new Error(`The fixture has no conferences of ${label}.`)
    return { label, row }
  }

  #conferences(label: string): readonly ConferenceRow[] {
    return this.#rows.conferencesOf(accountOf(label).sid)
  }
}
