import {
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isUnionType,
} from 'graphql'
import type { Dice } from '../../../support/prng.ts'
import { idOf } from '../../../support/nodeId.ts'
import { ACCOUNTS, CALLS, CONFERENCES } from './memoryRestcomm.ts'

/** How deep fields stand at most. */
const DEEPEST = 7

const [own, other] = ACCOUNTS

const IDS = [
  ...ACCOUNTS.map(sid => idOf('Account', sid)),
  ...CONFERENCES.flatMap(sid => ACCOUNTS.map(account => idOf('Conference', account, sid))),
  ...CALLS.slice(0, 4).map(sid => idOf('Call', own, sid)),
  ...CALLS.slice(0, 4).map(sid => idOf('Participant', own, CONFERENCES[2] ?? '', sid)),
  idOf('Recording', own, CALLS[0] ?? '', `RE${'0'.repeat(32)}`),
  'nonsense',
]

const REFERENCES = [
  { __typename: 'Conference', accountSid: own, sid: CONFERENCES[0] },
  { __typename: 'Conference', id: IDS[4] },
  { __typename: 'Account', sid: other },
  { __typename: 'Account', sid: 'nobody' },
  { __typename: 'Call', id: 'nonsense' },
  { __typename: 'Recording', id: IDS.at(-2) },
  { __typename: 'PageInfo' },
]

const NONE = 'A'.repeat(2)

/** By the name of a type: what may be given. Some of it is refused. */
const VALUES: Readonly<Record<string, readonly unknown[]>> = {
  ID: IDS,
  _Any: REFERENCES,
  AccountSid: [own, own, other, `AC${'9'.repeat(32)}`, NONE],
  ConferenceSid: [...CONFERENCES, `CF${'9'.repeat(32)}`],
  CallSid: [...CALLS, NONE],
  RecordingSid: [`RE${'0'.repeat(32)}`],
  Date: ['2024-01-01', '2024-02-31'],
  Int: [0, 1, 2, 3, 5, 50, -1, 1_000],
  String: ['Room%', '__MAGIC', 'a "quoted" one', ''],
  Boolean: [true, false],
}

/** A made-up query. Most are valid. */
export interface RandomQuery {
  readonly text: string
  readonly variables: Readonly<Record<string, unknown>>
}

export const randomQuery = (schema: GraphQLSchema, dice: Dice): RandomQuery => new Writer(schema, dice).query()

class Writer {
  readonly #schema: GraphQLSchema
  readonly #dice: Dice
  readonly #definitions: string[] = []
  readonly #variables: Record<string, unknown> = {}
  readonly #fragments: { readonly name: string; readonly on: string; readonly text: string }[] = []
  #names = 0

  constructor(schema: GraphQLSchema, dice: Dice) {
    this.#schema = schema
    this.#dice = dice
  }

  query(): RandomQuery {
    const type = this.#schema.getQueryType()
    if (!type) throw new Error('The schema has no queries.')
    const selection = this.#selection(type, 1)
    const definitions = this.#definitions.length === 0 ? '' : `(${this.#definitions.join(', ')})`
    const fragments = this.#fragments.map(({ name, on, text }) => `fragment ${name} on ${on} ${text}`)
    return { text: [`query Q${definitions} ${selection}`, ...fragments].join('\n'), variables: this.#variables }
  }

  #selection(type: GraphQLCompositeType, depth: number): string {
    const parts = Array.from({ length: 1 + this.#dice.below(depth === 1 ? 3 : 5) }, () => this.#part(type, depth))
    return `{ ${parts.join(' ')} }`
  }

  #part(type: GraphQLCompositeType, depth: number): string {
    if (isUnionType(type) || this.#dice.oneIn(isAbstractType(type) ? 2 : 6)) return this.#fragment(type, depth)
    if (this.#dice.oneIn(8)) return `${this.#alias(9)}__typename ${this.#directive()}`
    const fields = Object.values(type.getFields()).filter(
      field => depth < DEEPEST || !isCompositeType(getNamedType(field.type)),
    )
    const field = this.#dice.pick(fields)
    const args = field.args.flatMap(arg => this.#argument(arg))
    const of = getNamedType(field.type)
    return [
      `${this.#alias(args.length > 0 ? 1 : 5)}${field.name}`,
      args.length > 0 ? `(${args.join(', ')})` : '',
      this.#directive(),
      isCompositeType(of) ? this.#selection(of, depth + 1) : '',
    ].join(' ')
  }

  /** On a type that may be the same, one of those that it stands for, or one that it implements. */
  #fragment(type: GraphQLCompositeType, depth: number): string {
    const types = isAbstractType(type) ? this.#schema.getPossibleTypes(type) : type.getInterfaces()
    const on = this.#dice.oneIn(3) || types.length === 0 ? type : this.#dice.pick<GraphQLCompositeType>(types)
    if (isUnionType(on) && isUnionType(type)) return '__typename'
    if (this.#dice.oneIn(2)) {
      const condition = on === type && this.#dice.oneIn(2) ? '' : `on ${on.name}`
      return `... ${condition} ${this.#directive()} ${this.#selection(on, depth)}`
    }
    const known = this.#fragments.filter(fragment => fragment.on === on.name)
    if (known.length > 0 && this.#dice.oneIn(2)) return `...${this.#dice.pick(known).name} ${this.#directive()}`
    const text = this.#selection(on, Math.max(depth, DEEPEST - 2))
    const name = this.#name('F')
    this.#fragments.push({ name, on: on.name, text })
    return `...${name} ${this.#directive()}`
  }

  #argument(arg: GraphQLArgument): string[] {
    const isNeeded = isNonNullType(arg.type)
    // Both at once are refused.
    if (!isNeeded && this.#dice.below(10) < (arg.name === 'last' ? 9 : 6)) return []
    return [`${arg.name}: ${this.#dice.oneIn(3) ? this.#variable(arg.type) : this.#literal(arg.type)}`]
  }

  #variable(type: GraphQLInputType): string {
    const name = this.#name('v')
    const hasDefault = this.#dice.oneIn(4)
    this.#definitions.push(`$${name}: ${type}${hasDefault ? ` = ${this.#constant(type)}` : ''}`)
    if (!((hasDefault || !isNonNullType(type)) && this.#dice.oneIn(3))) {
      this.#variables[name] = this.#dice.oneIn(40) ? { wrong: [1] } : this.#value(type)
    }
    return `$${name}`
  }

  #value(type: GraphQLInputType): unknown {
    if (isNonNullType(type)) return this.#value(type.ofType)
    if (this.#dice.oneIn(12)) return null
    if (isListType(type)) return Array.from({ length: this.#dice.below(4) }, () => this.#value(type.ofType))
    if (isEnumType(type)) return this.#dice.pick(type.getValues()).name
    if (!isInputObjectType(type)) return this.#dice.pick(VALUES[type.name] ?? [])
    const fields = Object.values(type.getFields()).filter(
      field => isNonNullType(field.type) || this.#dice.oneIn(4) || field.name === 'status',
    )
    return Object.fromEntries(fields.map(field => [field.name, this.#value(field.type)]))
  }

  #literal(type: GraphQLInputType): string {
    return this.#written(type, this.#value(type), true)
  }

  #constant(type: GraphQLInputType): string {
    return this.#written(type, this.#value(type), false)
  }

  #written(type: GraphQLInputType, value: unknown, mayVary: boolean): string {
    if (isNonNullType(type)) return this.#written(type.ofType, value, mayVary)
    if (value === null) return 'null'
    if (Array.isArray(value) && isListType(type)) {
      const items = value.map(item => (mayVary && this.#dice.oneIn(6) ? this.#variable(type.ofType) : item))
      return `[${items.map((item, at) => (item === value[at] ? this.#written(type.ofType, item, mayVary) : item)).join(', ')}]`
    }
    if (isEnumType(type)) return String(value)
    if (typeof value !== 'object') return JSON.stringify(value)
    const fields = isInputObjectType(type) ? type.getFields() : {}
    return `{ ${Object.entries(value)
      .map(([name, inner]) => {
        const field = fields[name]
        if (field === undefined) return `${name}: ${JSON.stringify(inner)}`
        return `${name}: ${mayVary && this.#dice.oneIn(4) ? this.#variable(field.type) : this.#written(field.type, inner, mayVary)}`
      })
      .join(', ')} }`
  }

  #directive(): string {
    if (!this.#dice.oneIn(7)) return ''
    const name = this.#dice.oneIn(2) ? 'skip' : 'include'
    return `@${name}(if: ${this.#dice.oneIn(2) ? this.#dice.oneIn(2) : this.#condition()})`
  }

  #condition(): string {
    const name = this.#name('c')
    const hasDefault = this.#dice.oneIn(2)
    this.#definitions.push(`$${name}: Boolean${hasDefault ? ' = true' : '!'}`)
    if (!hasDefault || this.#dice.oneIn(2)) this.#variables[name] = this.#dice.oneIn(2)
    // Allowed by its type, and wrong when it is run.
    if (hasDefault && this.#dice.oneIn(8)) this.#variables[name] = null
    return `$${name}`
  }

  #alias(oneIn: number): string {
    if (!this.#dice.oneIn(oneIn)) return ''
    return this.#dice.oneIn(12)
      ? `${this.#dice.pick(['__proto__', 'constructor', 'toString'])}: `
      : `${this.#name('a')}: `
  }

  #name(kind: string): string {
    return `${kind}${this.#names++}`
  }
}
