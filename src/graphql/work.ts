import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLOutputType,
  getNamedType,
  getNullableType,
  isEnumType,
  isListType,
} from 'graphql'

/**
 * Cost of each kind of work, relative to the completion of a field. The weights follow measurements of CPU time and memory:
 * a field takes 0.8 µs and 300 bytes, serialization included; a row 8 µs and 1 kB; a part 10 µs and 3 kB; a request
 * 400 µs, of which the client waits most. So 250,000, the default of `MAX_QUERY_COST`, stands for 16 MB of response, or for
 * about a second of CPU time, or for 64 MB of memory.
 */
const WEIGHTS = { fields: 1, bytes: 1, rows: 4, requests: 75, parts: 10 } as const

/** Yoga's executor takes twice the time and memory of a plan. */
const UNPLANNED_FACTOR = 2

export type WorkKind = keyof typeof WEIGHTS

/** The largest amount of work that an operation can cause. */
export class Work {
  /** Completed fields and list items. */
  fields = 0
  /** Blocks of `BLOCK_BYTES` bytes of the response, without the first block of each field. */
  bytes = 0
  /** Rows read from Restcomm for pages and sorted lists. */
  rows = 0
  /** Requests to Restcomm. */
  requests = 0
  /** Parts of an incremental response. */
  parts = 0

  add(work: Work, factor: number): void {
    this.fields += factor * work.fields
    this.bytes += factor * work.bytes
    this.rows += factor * work.rows
    this.requests += factor * work.requests
    this.parts += factor * work.parts
  }

  runUnplanned(): void {
    this.fields *= UNPLANNED_FACTOR
  }

  costOf(kind: WorkKind): number {
    return toSafeInteger(WEIGHTS[kind] * this[kind])
  }

  /** A whole number of at least 1. */
  get cost(): number {
    const { fields, bytes, rows, requests, parts } = this
    const cost =
      WEIGHTS.fields * fields +
      WEIGHTS.bytes * bytes +
      WEIGHTS.rows * rows +
      WEIGHTS.requests * requests +
      WEIGHTS.parts * parts
    return Math.max(1, toSafeInteger(cost))
  }

  /** The kind of work with the largest share of the cost. */
  get largestKind(): WorkKind {
    const kinds = Object.keys(WEIGHTS) as WorkKind[]
    return kinds.reduce((largest, kind) => (this.costOf(kind) > this.costOf(largest) ? kind : largest))
  }
}

/** The work of exponentially growing fragments can exceed the range of numbers, and `Infinity * 0` is NaN. */
function toSafeInteger(cost: number): number {
  return cost <= Number.MAX_SAFE_INTEGER ? cost : Number.MAX_SAFE_INTEGER
}

/** A completed field may add this number of bytes to the response. Each further started block costs as much again. */
export const BLOCK_BYTES = 64

/** Quotes, colon and comma of a member of a JSON object. */
const MEMBER_BYTES = 4

/** Number of blocks, besides the first, of a response key and a value of `valueBytes` bytes. */
export function furtherBlocks(key: string, valueBytes: number): number {
  return Math.max(0, Math.ceil((key.length + MEMBER_BYTES + valueBytes) / BLOCK_BYTES) - 1)
}

/** Length of the largest usual value of a scalar in JSON. */
const SCALAR_BYTES = new Map([
  ['Boolean', 5],
  ['Int', 11],
  ['Float', 20],
  ['DateTime', 22],
  ['AccountSid', 36],
  ['ConferenceSid', 36],
  ['CallSid', 72],
  ['Sid', 72],
  ['ID', 206],
])
const OTHER_SCALAR_BYTES = 48

/** Length of the largest usual value of fields whose values are longer than others of the type. */
const FIELD_BYTES = new Map([
  ['uri', 200],
  ['fileUri', 250],
  ['cursor', 140],
  ['startCursor', 140],
  ['endCursor', 140],
  ['message', 250],
  ['description', 250],
  ['deprecationReason', 250],
  ['specifiedByURL', 100],
  ['sdl', 100_000],
])

export function usualBytes({ name, type }: Pick<GraphQLField<unknown, unknown>, 'name' | 'type'>): number {
  const named = getNamedType(type)
  const bytes = FIELD_BYTES.get(name) ?? SCALAR_BYTES.get(named.name) ?? OTHER_SCALAR_BYTES
  return isEnumType(named) ? Math.max(...named.getValues().map(value => value.name.length)) + 2 : bytes
}

/** Requests to Restcomm for a field of one object, or for each reference of a list of references. */
const REQUESTS = new Map([
  ['Query.viewer', 1],
  ['Query.account', 1],
  ['Query.conference', 1],
  // A participant needs the conference and the list of participants.
  ['Query.node', 2],
  ['Query.nodes', 2],
  ['Query._entities', 2],
  ['Query.conferences', 1],
  ['Account.conferences', 1],
  ['ConferenceConnection.totalCount', 1],
  ['Conference.account', 1],
  // The list of participants, and the list of active calls if several participants select `call`.
  ['Conference.participants', 2],
  ['Conference.participant', 1],
  ['Conference.calls', 1],
  ['CallConnection.totalCount', 1],
  ['Participant.conference', 1],
  ['Participant.call', 1],
  ['Call.recordings', 1],
  // The command, the look-ups before, and repeated reads until the effect shows.
  ['Mutation.muteParticipant', 10],
  ['Mutation.unmuteParticipant', 10],
  ['Mutation.hangUpParticipant', 10],
  // Commands for a conference of a usual size.
  ['Mutation.muteConference', 100],
  ['Mutation.endConference', 100],
  ['Subscription.conferenceEvents', 2],
  ['Subscription.accountEvents', 2],
])

export function requestsOf(parent: GraphQLNamedType, field: string): number {
  return REQUESTS.get(`${parent.name}.${field}`) ?? 0
}

/** Usual number of items of lists whose length is unknown before the execution, and of lists of introspection. */
const LIST_SIZES = new Map([
  ['Call.recordings', 5],
  ['ParticipantChanged.changed', 4],
  ['UserError.field', 3],
  ['__Schema.types', 80],
  ['__Schema.directives', 20],
  ['__Type.fields', 4],
  ['__Type.interfaces', 1],
  ['__Type.possibleTypes', 1],
  ['__Type.enumValues', 2],
  ['__Type.inputFields', 1],
  ['__Field.args', 1],
  ['__Directive.args', 2],
  ['__Directive.locations', 3],
])

export function usualListSize(parent: GraphQLNamedType, field: string, defaultSize: number): number {
  return LIST_SIZES.get(`${parent.name}.${field}`) ?? defaultSize
}

export function isList(type: GraphQLOutputType): boolean {
  return isListType(getNullableType(type))
}
