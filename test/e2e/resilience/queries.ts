import type { CallRow, ConferenceRow, RowStore } from '../../../src/sandbox/index.ts'
import { type Ask, accountOf, basicOf } from '../../support/gateway.ts'
import { idOf } from '../../support/nodeId.ts'

/** Something that a client asks, and what the rows say to it. */
export interface Question {
  readonly kind: string
  readonly query: string
  readonly ask: Ask
  /** All of `data`. */
  readonly want: unknown
}

/** A whole number in [0, below). */
export type Dice = (below: number) => number

/** The same seed throws the same. */
export const diceFrom = (seed: number): Dice => {
  let state = (seed * 2_654_435_761) >>> 0
  return below => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const LISTS = [
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
const ROOMS = 'part'

const moment = (stamp: string): string => `${stamp.slice(0, 19).replace(' ', 'T')}+00:00`
const order = <T extends number | string>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0)
const bySid = (a: { sid: string }, b: { sid: string }): number => order(a.sid, b.sid)

const FIELDS = 'sid accountSid friendlyName status statusText isRunning dateCreated dateUpdated'
const shown = (row: ConferenceRow) => ({
  sid: row.sid,
  accountSid: row.account_sid,
  friendlyName: row.friendly_name,
  status: row.status,
  statusText: row.status,
  isRunning: row.status !== 'COMPLETED' && row.status !== 'FAILED',
  dateCreated: moment(row.date_created),
  dateUpdated: moment(row.date_updated),
})

const CALLER = 'callSid muted hold call { sid from to status }'
const shownCaller = (row: CallRow) => ({
  callSid: row.sid,
  muted: row.muted,
  hold: row.on_hold,
  call: { sid: row.sid, from: row.sender, to: row.recipient, status: 'IN_PROGRESS' },
})

const callersIn = (rows: RowStore, room: ConferenceRow): readonly CallRow[] =>
  (room.status === 'COMPLETED' || room.status === 'FAILED' ? [] : rows.callsIn(room.sid))
    .filter(({ status }) => status === 'in-progress')
    .toSorted((a, b) => order(moment(a.date_created), moment(b.date_created)) || bySid(a, b))

/** What clients ask of rows that nobody changes. Lists with cursors are asked in two steps, as clients do. */
export class Questions {
  readonly #rows: RowStore
  readonly #dice: Dice
  /** Cursors that were shown, by list: what they stand for. */
  readonly #cursors = new Map<string, { cursor: string; position: number }[]>()

  constructor(rows: RowStore, dice: Dice) {
    this.#rows = rows
    this.#dice = dice
  }

  next(): Question {
    const kinds = [
      this.one,
      this.missing,
      this.page,
      this.page,
      this.page,
      this.count,
      this.rooms,
      this.sorted,
      this.nodes,
      this.entities,
      this.legs,
      this.viewer,
      this.child,
      this.aliases,
    ]
    return (kinds[this.#dice(kinds.length)] ?? this.one).call(this)
  }

  /** Keeps the cursors of a right answer to `page`. */
  learn(question: Question, edges: readonly { readonly cursor: string }[]): void {
    const { label, start } = JSON.parse(question.kind.replace('page ', '')) as { label: string; start: number }
    if (edges.length > 0)
      this.#cursors.set(
        label,
        edges.map(({ cursor }, i) => ({ cursor, position: start + i })),
      )
  }

  one(): Question {
    const room = this.#room()
    return {
      kind: 'one',
      query: `query ($sid: ConferenceSid!) { conference(sid: $sid) { ${FIELDS} } }`,
      ask: { as: room.label, variables: { sid: room.row.sid } },
      want: { conference: shown(room.row) },
    }
  }

  missing(): Question {
    const sid = `CF${String(this.#dice(1_000)).padStart(32, '0')}`
    return {
      kind: 'missing',
      query: `query ($sid: ConferenceSid!) { conference(sid: $sid) { ${FIELDS} } }`,
      ask: { as: this.#label(), variables: { sid } },
      want: { conference: null },
    }
  }

  page(): Question {
    const label = this.#label()
    const truth = this.#conferences(label)
    const known = this.#cursors.get(label) ?? []
    const anchor = this.#dice(3) === 0 ? undefined : known[this.#dice(known.length)]
    const back = this.#dice(3) === 0
    const size = 1 + this.#dice(60)
    const [begin, end] = back ? [0, anchor?.position ?? truth.length] : [anchor ? anchor.position + 1 : 0, truth.length]
    const start = back ? Math.max(begin, end - size) : begin
    const beyond = back ? end : Math.min(end, begin + size)
    return {
      kind: `page ${JSON.stringify({ label, start })}`,
      query: `query ($first: Int, $last: Int, $after: String, $before: String) {
        conferences(first: $first, last: $last, after: $after, before: $before) {
          totalCount edges { node { ${FIELDS} } } pageInfo { hasNextPage hasPreviousPage } cursors: edges { cursor }
        }
      }`,
      ask: {
        as: label,
        variables: {
          [back ? 'last' : 'first']: size,
          ...(anchor && { [back ? 'before' : 'after']: anchor.cursor }),
        },
      },
      want: {
        conferences: {
          totalCount: truth.length,
          edges: truth.slice(start, beyond).map(row => ({ node: shown(row) })),
          pageInfo: { hasNextPage: beyond < truth.length, hasPreviousPage: start > 0 },
        },
      },
    }
  }

  count(): Question {
    const label = this.#label()
    const status = ['COMPLETED', 'FAILED', 'STOPPING'][this.#dice(3)] ?? 'FAILED'
    return {
      kind: 'count',
      query: `query ($status: ConferenceStatus) {
        all: conferences { totalCount } some: conferences(filter: { status: $status }) { totalCount }
      }`,
      ask: { as: label, variables: { status } },
      want: {
        all: { totalCount: this.#conferences(label).length },
        some: { totalCount: this.#conferences(label).filter(row => row.status === status).length },
      },
    }
  }

  rooms(): Question {
    const first = 1 + this.#dice(6)
    const rooms = this.#conferences(ROOMS)
    const start = this.#dice(5) === 0 ? Math.max(0, rooms.length - first) : 0
    const way = start > 0 ? 'last' : 'first'
    return {
      kind: 'rooms',
      query: `query ($n: Int) { conferences(${way}: $n) {
        nodes { sid participants(first: 20) { totalCount nodes { ${CALLER} } } }
      } }`,
      ask: { as: ROOMS, variables: { n: first } },
      want: {
        conferences: {
          nodes: rooms.slice(start, start + first).map(room => {
            const callers = callersIn(this.#rows, room)
            const nodes = callers.slice(0, 20).map(shownCaller)
            return { sid: room.sid, participants: { totalCount: callers.length, nodes } }
          }),
        },
      },
    }
  }

  sorted(): Question {
    const label = this.#label()
    const direction = this.#dice(2) === 0 ? 'ASC' : 'DESC'
    const first = 1 + this.#dice(40)
    const sorted = this.#conferences(label).toSorted(
      (a, b) => order(moment(a.date_created), moment(b.date_created)) || bySid(a, b),
    )
    return {
      kind: 'sorted',
      query: `query ($first: Int) {
        conferences(first: $first, orderBy: { field: DATE_CREATED, direction: ${direction} }) { nodes { ${FIELDS} } }
      }`,
      ask: { as: label, variables: { first } },
      want: {
        conferences: { nodes: (direction === 'DESC' ? sorted.toReversed() : sorted).slice(0, first).map(shown) },
      },
    }
  }

  nodes(): Question {
    const label = this.#label()
    const { sid } = accountOf(label)
    const all = this.#conferences(label)
    const picked = Array.from({ length: 1 + this.#dice(8) }, () => all[this.#dice(all.length)])
    const ids = picked.map(row => idOf('Conference', sid, row?.sid ?? `CF${'0'.repeat(32)}`))
    return {
      kind: 'nodes',
      query: `query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Conference { ${FIELDS} } } }`,
      ask: { as: label, variables: { ids } },
      want: { nodes: picked.map((row, i) => (row === undefined ? null : { id: ids[i], ...shown(row) })) },
    }
  }

  entities(): Question {
    const { sid } = accountOf(ROOMS)
    const rooms = this.#conferences(ROOMS)
    const room = rooms[this.#dice(rooms.length)]
    if (room === undefined) throw new Error('The fixture has no rooms.')
    const caller = callersIn(this.#rows, room)[0]
    const representations = [
      { __typename: 'Conference', accountSid: sid, sid: room.sid },
      ...(caller ? [{ __typename: 'Participant', accountSid: sid, conferenceSid: room.sid, callSid: caller.sid }] : []),
    ]
    return {
      kind: 'entities',
      query: `query ($representations: [_Any!]!) { _entities(representations: $representations) {
        ... on Conference { ${FIELDS} } ... on Participant { ${CALLER} }
      } }`,
      ask: { as: ROOMS, variables: { representations } },
      want: { _entities: [shown(room), ...(caller ? [shownCaller(caller)] : [])] },
    }
  }

  legs(): Question {
    const { sid: accountSid } = accountOf(ROOMS)
    const rooms = this.#conferences(ROOMS)
    const room = rooms[this.#dice(rooms.length)]
    if (room === undefined) throw new Error('The fixture has no rooms.')
    const legs = this.#rows
      .callsIn(room.sid)
      .filter(call => call.account_sid === accountSid)
      .toSorted((a, b) => order(a.date_created, b.date_created) || bySid(a, b))
    return {
      kind: 'legs',
      query: `query ($sid: ConferenceSid!) {
        conference(sid: $sid) { calls(first: 30) { totalCount nodes { sid from to duration } } }
      }`,
      ask: { as: ROOMS, variables: { sid: room.sid } },
      want: {
        conference: {
          calls: {
            totalCount: legs.length,
            nodes: legs
              .slice(0, 30)
              .map(({ sid, sender, recipient, duration }) => ({ sid, from: sender, to: recipient, duration })),
          },
        },
      },
    }
  }

  /** Logged in by e-mail, as the SID has to be looked up then. */
  viewer(): Question {
    const label = this.#label()
    const { sid, password } = accountOf(label)
    const row = this.#rows.account(sid)
    return {
      kind: 'viewer',
      query: '{ viewer { sid friendlyName conferences { totalCount } } }',
      ask: { as: null, headers: { authorization: basicOf(row?.email_address ?? '', password) } },
      want: {
        viewer: {
          sid,
          friendlyName: row?.friendly_name,
          conferences: { totalCount: this.#conferences(label).length },
        },
      },
    }
  }

  /** By its parent. */
  child(): Question {
    const label = this.#label()
    const { sid } = accountOf(label)
    const all = this.#conferences(label)
    return {
      kind: 'child',
      query: `query ($sid: AccountSid!) {
        account(sid: $sid) { sid friendlyName conferences(first: 2) { totalCount nodes { ${FIELDS} } } }
      }`,
      ask: { as: 'admin', variables: { sid } },
      want: {
        account: {
          sid,
          friendlyName: this.#rows.account(sid)?.friendly_name,
          conferences: { totalCount: all.length, nodes: all.slice(0, 2).map(shown) },
        },
      },
    }
  }

  aliases(): Question {
    const { label, row } = this.#room()
    const names = Array.from({ length: 10 }, (_, i) => `a${i}`)
    return {
      kind: 'aliases',
      query: `query ($sid: ConferenceSid!) { ${names.map(name => `${name}: conference(sid: $sid) { sid status }`).join(' ')} }`,
      ask: { as: label, variables: { sid: row.sid } },
      want: Object.fromEntries(names.map(name => [name, { sid: row.sid, status: row.status }])),
    }
  }

  #label(): string {
    return LISTS[this.#dice(LISTS.length)] ?? 'conf137'
  }

  #room() {
    const label = LISTS[2 + this.#dice(6)] ?? 'conf137'
    const all = this.#conferences(label)
    const row = all[this.#dice(all.length)]
    if (row === undefined) throw new Error(`The fixture has no conferences of ${label}.`)
    return { label, row }
  }

  #conferences(label: string): readonly ConferenceRow[] {
    return this.#rows.conferencesOf(accountOf(label).sid)
  }
}
