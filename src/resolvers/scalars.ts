import { GraphQLScalarType, Kind, print, type ValueNode } from 'graphql'
import { SID_PATTERNS } from '../model.ts'
import { badUserInput, quote } from '../userInputError.ts'

/** `expected` describes the values that match `pattern` and is the last part of the error message. */
function stringScalar(name: string, pattern: Pick<RegExp, 'test'>, expected: string) {
  const parse = (value: unknown, node?: ValueNode): string => {
    if (typeof value === 'string' && pattern.test(value)) return value
    const given = node === undefined || typeof value === 'string' ? quote(value) : print(node)
    throw badUserInput(`${given} is not a valid ${name}: expected ${expected}.`, node)
  }
  return new GraphQLScalarType<string, string>({
    name,
    serialize: value => String(value),
    parseValue: value => parse(value),
    parseLiteral: node => parse(node.kind === Kind.STRING ? node.value : null, node),
  })
}

function isCalendarDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const date = new Date(`${text}T00:00:00Z`)
  // JavaScript accepts 31 February as a day in March, so the parsed date is compared with `text`.
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
}

function isDateTime(text: string): boolean {
  return (
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/.test(text) && !Number.isNaN(Date.parse(text))
  )
}

function sidScalar(name: string, pattern: RegExp, prefix: string) {
  return stringScalar(name, pattern, `"${prefix}" followed by 32 letters or digits`)
}

export const scalars = {
  AccountSid: sidScalar('AccountSid', SID_PATTERNS.account, 'AC'),
  ConferenceSid: sidScalar('ConferenceSid', SID_PATTERNS.conference, 'CF'),
  CallSid: stringScalar(
    'CallSid',
    SID_PATTERNS.call,
    '"CA" followed by 32 letters or digits, optionally after "ID", 32 letters or digits and a hyphen',
  ),
  RecordingSid: sidScalar('RecordingSid', SID_PATTERNS.recording, 'RE'),
  Date: stringScalar('Date', { test: isCalendarDate }, 'an existing date in the form YYYY-MM-DD'),
  DateTime: stringScalar('DateTime', { test: isDateTime }, 'a date and time in the form of RFC 3339'),
}
