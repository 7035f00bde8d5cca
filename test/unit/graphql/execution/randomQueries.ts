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
import { nodeIdOf } from '../../../support/nodeId.ts'
import type { Prng } from '../../../support/prng.ts'
import { ACCOUNTS, CALLS, CONFERENCES } from './memoryRestcomm.ts'

/** Levels of nested fields. */
const MAX_DEPTH = 7

const [own, other] = ACCOUNTS

const IDS = [
  ...ACCOUNTS.map(sid => nodeIdOf('Account', sid)),
  ...CONFERENCES.flatMap(sid => ACCOUNTS.map(account => nodeIdOf('Conference', account, sid))),
  ...CALLS.slice(0, 4).map(sid => nodeIdOf('Call', own, sid)),
  ...CALLS.slice(0, 4).map(sid => nodeIdOf('Participant', own, CONFERENCES[2] ?? '', sid)),
  nodeIdOf('Recording', own, CALLS[0] ?? '', `RE${'0'.repeat(32)}`),
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

const INVALID_SID = 'A'.repeat(2)

/** Argument values by type name; some are invalid. */
const VALUES: Readonly<Record<string, readonly unknown[]>> = {
  ID: IDS,
  _Any: REFERENCES,
  AccountSid: [own, own, other, `AC${'9'.repeat(32)}`, INVALID_SID],
  ConferenceSid: [...CONFERENCES, `CF${'9'.repeat(32)}`],
  CallSid: [...CALLS, INVALID_SID],
  RecordingSid: [`RE${'0'.repeat(32)}`],
  Date: ['2024-01-01', '2024-02-31'],
  Int: [0, 1, 2, 3, 5, 50, -1, 1_000],
  String: ['Room%', '__MAGIC', 'a "quoted" one', ''],
  Boolean: [true, false],
}

/** A random query, usually valid. */
export interface RandomQuery {
  readonly text: string
  readonly variables: Readonly<Record<string, unknown>>
}

export function randomQuery(schema: GraphQLSchema, prng: Prng): RandomQuery {
  return new QueryGenerator(schema, prng).query()
}

class QueryGenerator {
  readonly #schema: GraphQLSchema
  readonly #prng: Prng
  readonly #definitions: string[] = []
  readonly #variables: Record<string, unknown> = {}
  readonly #fragments: { readonly name: string; readonly on: string; readonly text: string }[] = []
  #nextName = 0

  constructor(schema: GraphQLSchema, prng: Prng) {
    this.#schema = schema
    this.#prng = prng
  }

  query(): RandomQuery {
    const type = this.#schema.getQueryType()
    if (!type) throw new Error('The schema has no query type.')
    const selection = this.#selectionSet(type, 1)
    const definitions = this.#definitions.length === 0 ? '' : `(${this.#definitions.join(', ')})`
    const fragments = this.#fragments.map(({ name, on, text }) => `fragment ${name} on ${on} ${text}`)
    return { text: [`query Q${definitions} ${selection}`, ...fragments].join('\n'), variables: this.#variables }
  }

  #selectionSet(type: GraphQLCompositeType, depth: number): string {
    const parts = Array.from({ length: 1 + this.#prng.integerBelow(depth === 1 ? 3 : 5) }, () =>
      this.#selectionItem(type, depth),
    )
    return `{ ${parts.join(' ')} }`
  }

  #selectionItem(type: GraphQLCompositeType, depth: number): string {
    if (isUnionType(type) || this.#prng.oneIn(isAbstractType(type) ? 2 : 6)) return this.#fragment(type, depth)
    if (this.#prng.oneIn(8)) return `${this.#alias(9)}__typename ${this.#directive()}`
    const fields = Object.values(type.getFields()).filter(
      field => depth < MAX_DEPTH || !isCompositeType(getNamedType(field.type)),
    )
    const field = this.#prng.pick(fields)
    const args = field.args.flatMap(arg => this.#argument(arg))
    const fieldType = getNamedType(field.type)
    return [
      `${this.#alias(args.length > 0 ? 1 : 5)}${field.name}`,
      args.length > 0 ? `(${args.join(', ')})` : '',
      this.#directive(),
      isCompositeType(fieldType) ? this.#selectionSet(fieldType, depth + 1) : '',
    ].join(' ')
  }

  /** The type condition is the type itself, a possible type, or an interface of the type. */
  #fragment(type: GraphQLCompositeType, depth: number): string {
    const types = isAbstractType(type) ? this.#schema.getPossibleTypes(type) : type.getInterfaces()
    const on = this.#prng.oneIn(3) || types.length === 0 ? type : this.#prng.pick<GraphQLCompositeType>(types)
    if (isUnionType(on) && isUnionType(type)) return '__typename'
    if (this.#prng.oneIn(2)) {
      const condition = on === type && this.#prng.oneIn(2) ? '' : `on ${on.name}`
      return `... ${condition} ${this.#directive()} ${this.#selectionSet(on, depth)}`
    }
    const reusable = this.#fragments.filter(fragment => fragment.on === on.name)
    if (reusable.length > 0 && this.#prng.oneIn(2)) return `...${this.#prng.pick(reusable).name} ${this.#directive()}`
    const text = this.#selectionSet(on, Math.max(depth, MAX_DEPTH - 2))
    const name = this.#name('F')
    this.#fragments.push({ name, on: on.name, text })
    return `...${name} ${this.#directive()}`
  }

  #argument(arg: GraphQLArgument): string[] {
    const isRequired = isNonNullType(arg.type)
    // `first` and `last` exclude each other.
    if (!isRequired && this.#prng.integerBelow(10) < (arg.name === 'last' ? 9 : 6)) return []
    return [`${arg.name}: ${this.#prng.oneIn(3) ? this.#variable(arg.type) : this.#printLiteral(arg.type)}`]
  }

  #variable(type: GraphQLInputType): string {
    const name = this.#name('v')
    const hasDefault = this.#prng.oneIn(4)
    this.#definitions.push(`$${name}: ${type}${hasDefault ? ` = ${this.#printConstant(type)}` : ''}`)
    if (!((hasDefault || !isNonNullType(type)) && this.#prng.oneIn(3))) {
      this.#variables[name] = this.#prng.oneIn(40) ? { wrong: [1] } : this.#randomValue(type)
    }
    return `$${name}`
  }

  #randomValue(type: GraphQLInputType): unknown {
    if (isNonNullType(type)) return this.#randomValue(type.ofType)
    if (this.#prng.oneIn(12)) return null
    if (isListType(type))
      return Array.from({ length: this.#prng.integerBelow(4) }, () => this.#randomValue(type.ofType))
    if (isEnumType(type)) return this.#prng.pick(type.getValues()).name
    if (!isInputObjectType(type)) return this.#prng.pick(VALUES[type.name] ?? [])
    const fields = Object.values(type.getFields()).filter(
      field => isNonNullType(field.type) || this.#prng.oneIn(4) || field.name === 'status',
    )
    return Object.fromEntries(fields.map(field => [field.name, this.#randomValue(field.type)]))
  }

  #printLiteral(type: GraphQLInputType): string {
    return this.#print(type, this.#randomValue(type), true)
  }

  #printConstant(type: GraphQLInputType): string {
    return this.#print(type, this.#randomValue(type), false)
  }

  #print(type: GraphQLInputType, value: unknown, allowVariables: boolean): string {
    if (isNonNullType(type)) return this.#print(type.ofType, value, allowVariables)
    if (value === null) return 'null'
    if (Array.isArray(value) && isListType(type)) {
      const items = value.map(item => (allowVariables && this.#prng.oneIn(6) ? this.#variable(type.ofType) : item))
      return `[${items.map((item, at) => (item === value[at] ? this.#print(type.ofType, item, allowVariables) : item)).join(', ')}]`
    }
    if (isEnumType(type)) return String(value)
    if (typeof value !== 'object') return JSON.stringify(value)
    const fields = isInputObjectType(type) ? type.getFields() : {}
    return `{ ${Object.entries(value)
      .map(([name, inner]) => {
        const field = fields[name]
        if (field === undefined) return `${name}: ${JSON.stringify(inner)}`
        return `${name}: ${allowVariables && this.#prng.oneIn(4) ? this.#variable(field.type) : this.#print(field.type, inner, allowVariables)}`
      })
      .join(', ')} }`
  }

  #directive(): string {
    if (!this.#prng.oneIn(7)) return ''
    const name = this.#prng.oneIn(2) ? 'skip' : 'include'
    return `@${name}(if: ${this.#prng.oneIn(2) ? this.#prng.oneIn(2) : this.#condition()})`
  }

  #condition(): string {
    const name = this.#name('c')
    const hasDefault = this.#prng.oneIn(2)
    this.#definitions.push(`$${name}: Boolean${hasDefault ? ' = true' : '!'}`)
    if (!hasDefault || this.#prng.oneIn(2)) this.#variables[name] = this.#prng.oneIn(2)
    // Passes validation, fails during execution.
    if (hasDefault && this.#prng.oneIn(8)) this.#variables[name] = null
    return `$${name}`
  }

  #alias(oneIn: number): string {
    if (!this.#prng.oneIn(oneIn)) return ''
    return this.#prng.oneIn(12)
      ? `${this.#prng.pick(['__proto__', 'constructor', 'toString'])}: `
      : `${this.#name('a')}: `
  }

  #name(kind: string): string {
    return `${kind}${this.#nextName++}`
  }
}
