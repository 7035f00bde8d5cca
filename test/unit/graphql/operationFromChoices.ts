import {
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isObjectType,
} from 'graphql'
import { nodeIdOf } from '../../support/nodeId.ts'

const sidOf = (prefix: string, number: number) => `${prefix}${String(number).padStart(32, '0')}`
const ACCOUNT = sidOf('AC', 1)
const IDS = [
  nodeIdOf('Account', ACCOUNT),
  nodeIdOf('Conference', ACCOUNT, sidOf('CF', 1)),
  nodeIdOf('Conference', ACCOUNT, sidOf('CF', 2)),
  nodeIdOf('Call', ACCOUNT, sidOf('CA', 1)),
  nodeIdOf('Participant', ACCOUNT, sidOf('CF', 3), sidOf('CA', 3)),
  nodeIdOf('Recording', ACCOUNT, sidOf('CA', 4), sidOf('RE', 4)),
]
const REFERENCES = IDS.map(
  id =>
    `{ __typename: "${['Account', 'Conference', 'Conference', 'Call', 'Participant', 'Recording'][IDS.indexOf(id)]}", id: "${id}" }`,
)

const MAX_DEPTH = 9
const MAX_FIELDS = 10

/**
 * Writes an operation as decided by a list of numbers, so that a small change of the list is a small change of the
 * operation. The end of the list ends the operation.
 */
export function operationFromChoices(schema: GraphQLSchema, choices: readonly number[]) {
  let position = 0
  let names = 0
  const variables: Record<string, unknown> = {}
  const variableDefinitions: string[] = []
  const fragments: string[] = []
  const fragmentsByType = new Map<string, string[]>()
  const choose = (count: number) => (choices[position++] ?? 0) % count
  const pick = <T>(values: readonly T[]): T => values[choose(values.length)] as T

  const size = () => {
    const value = choose(5)
    if (choose(3) > 0) return String(value)
    const name = `v${names++}`
    variableDefinitions.push(`$${name}: Int`)
    variables[name] = value
    return `$${name}`
  }
  const argumentsOf = (field: GraphQLField<unknown, unknown>): string => {
    const takes = new Set(field.args.map(({ name }) => name))
    const values: string[] = []
    if (takes.has('first')) values.push(choose(4) === 0 ? `last: ${size()}` : `first: ${size()}`)
    if (takes.has('orderBy') && choose(8) === 7) values.push('orderBy: { field: DATE_CREATED, direction: ASC }')
    if (takes.has('callSid')) values.push(`callSid: "${sidOf('CA', choose(3))}"`)
    if (takes.has('sid')) values.push(`sid: "${sidOf(field.name === 'account' ? 'AC' : 'CF', choose(4))}"`)
    if (takes.has('id')) values.push(`id: "${pick(IDS)}"`)
    if (takes.has('ids')) values.push(`ids: [${Array.from({ length: choose(4) }, () => `"${pick(IDS)}"`).join(' ')}]`)
    if (takes.has('representations')) {
      values.push(`representations: [${Array.from({ length: choose(4) }, () => pick(REFERENCES)).join(' ')}]`)
    }
    return values.length === 0 ? '' : `(${values.join(', ')})`
  }
  const alias = (field: GraphQLField<unknown, unknown>): string => {
    const kind = choose(8)
    // Without an alias, fields with different arguments would conflict.
    if (kind < 4 && field.args.length === 0) return ''
    return `${kind === 7 ? 'a'.repeat(1 + 250 * choose(5)) : 'a'}${names++}: `
  }
  const selection = (type: GraphQLCompositeType, depth: number): string => {
    if (isAbstractType(type)) {
      const concrete = pick(schema.getPossibleTypes(type))
      return `__typename ... on ${concrete.name} { ${selection(concrete, depth)} }`
    }
    if (!isObjectType(type)) return '__typename'
    const fields = Object.values(type.getFields()).filter(({ name }) => name !== '_service')
    const withChildren = fields.filter(field => isCompositeType(getNamedType(field.type)))
    const objectFields = withChildren.length === 0 ? fields : withChildren
    const written: string[] = ['__typename']
    for (let i = choose(MAX_FIELDS); i >= 0; i--) {
      // Most fields are leaves, and would rarely lead to a second level.
      const field = pick(choose(2) === 0 ? fields : objectFields)
      const named = getNamedType(field.type)
      if (isCompositeType(named) && depth === MAX_DEPTH) continue
      const inner = isCompositeType(named) ? ` { ${selection(named, depth + 1)} }` : ''
      written.push(wrap(`${alias(field)}${field.name}${argumentsOf(field)}${inner}`, type.name))
    }
    return written.join(' ')
  }
  const wrap = (text: string, type: string): string => {
    switch (choose(12)) {
      case 8:
        return `... @defer { ${text} }`
      case 9:
        return `... @include(if: ${choose(2) === 0}) { ${text} }`
      case 10: {
        const name = `F${names++}`
        fragments.push(`fragment ${name} on ${type} { ${text} }`)
        fragmentsByType.set(type, [...(fragmentsByType.get(type) ?? []), name])
        return `...${name}`
      }
      case 11: {
        const known = fragmentsByType.get(type)
        return known === undefined ? text : `${text} ...${pick(known)}`
      }
      default:
        return text
    }
  }
  const queryType = schema.getQueryType()
  const body = queryType ? selection(queryType, 0) : ''
  const definitions = variableDefinitions.length === 0 ? '' : `(${variableDefinitions.join(' ')})`
  return { text: `query Q${definitions} { ${body} } ${fragments.join(' ')}`, variables }
}
