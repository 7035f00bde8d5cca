import {
  type GraphQLInputType,
  GraphQLScalarType,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isScalarType,
  Kind,
  print,
  type ValueNode,
} from 'graphql'
import { SID_PATTERNS } from '../model.ts'
import { badUserInput, quote, shorten } from '../userInputError.ts'

/** Throws `BAD_USER_INPUT` for an invalid value. `node` is the place of the value in the document, if known. */
type Parse = (value: unknown, node?: ValueNode) => string

/**
 * `expected` describes the values that match `pattern` and is the last part of the error message. A literal is checked
 * during validation. The value of a variable is not, because one invalid value would fail all fields of the document:
 * `assertValidArgument` checks the values for each field.
 */
function stringScalar(name: string, pattern: Pick<RegExp, 'test'>, expected: string) {
  const parse: Parse = (value, node) => {
    if (typeof value === 'string' && pattern.test(value)) return value
    const given = node === undefined || typeof value === 'string' ? quote(value) : shorten(print(node))
    throw badUserInput(`${given} is not a valid ${name}: expected ${expected}.`, node)
  }
  const type = new GraphQLScalarType({
    name,
    serialize: String,
    parseValue: value => value,
    parseLiteral: node => parse(node.kind === Kind.STRING ? node.value : null, node),
  })
  return { type, parse }
}

function isCalendarDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const date = new Date(`${text}T00:00:00Z`)
  // JavaScript accepts 31 February as a day in March, so the parsed date is compared with `text`.
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
}

/** Converts a date of a decoded row to `YYYY-MM-DDTHH:MM:SSZ` and cuts fractions. The decoder has validated the date. */
export function toUtcSeconds(value: unknown): string {
  const text = String(value)
  const isUtc = text.endsWith('Z') || text.endsWith('+00:00')
  return `${(isUtc ? text : new Date(text).toISOString()).slice(0, 19)}Z`
}

function sidScalar(name: string, pattern: RegExp, prefix: string) {
  return stringScalar(name, pattern, `"${prefix}" followed by 32 letters or digits`)
}

const stringScalars = {
  AccountSid: sidScalar('AccountSid', SID_PATTERNS.account, 'AC'),
  ConferenceSid: sidScalar('ConferenceSid', SID_PATTERNS.conference, 'CF'),
  CallSid: stringScalar(
    'CallSid',
    SID_PATTERNS.call,
    '"CA" followed by 32 letters or digits, optionally after "ID", 32 letters or digits and a hyphen',
  ),
  RecordingSid: sidScalar('RecordingSid', SID_PATTERNS.recording, 'RE'),
  Date: stringScalar('Date', { test: isCalendarDate }, 'an existing date in the form YYYY-MM-DD'),
}

type ScalarName = keyof typeof stringScalars

export const scalars = {
  ...Object.fromEntries(Object.entries(stringScalars).map(([name, { type }]) => [name, type])),
  DateTime: new GraphQLScalarType({ name: 'DateTime', serialize: toUtcSeconds }),
}

export function parseScalar(name: ScalarName, value: unknown): string {
  return stringScalars[name].parse(value)
}

/** Whether a value of the type can contain a SID or date. */
export function needsCheck(type: GraphQLInputType): boolean {
  const named = getNamedType(type)
  if (isInputObjectType(named)) return Object.values(named.getFields()).some(field => needsCheck(field.type))
  return Object.hasOwn(stringScalars, named.name)
}

/** Throws `BAD_USER_INPUT` if the coerced value of an argument contains an invalid SID or date. */
export function assertValidArgument(value: unknown, type: GraphQLInputType): void {
  const nullableType = getNullableType(type)
  if (value === null || value === undefined) return
  if (isInputObjectType(nullableType)) {
    const values = value as Readonly<Record<string, unknown>>
    for (const field of Object.values(nullableType.getFields())) assertValidArgument(values[field.name], field.type)
  } else if (isScalarType(nullableType) && Object.hasOwn(stringScalars, nullableType.name)) {
    parseScalar(nullableType.name as ScalarName, value)
  }
}
