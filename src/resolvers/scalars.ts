import { GraphQLScalarType, Kind, print, type ValueNode } from 'graphql'
import { SID_PATTERNS } from '../model.ts'
import { badUserInput, quote } from '../userInputError.ts'

/** `expected` describes the valid values and is the last part of the error message. */
function stringScalar(name: string, isValid: (text: string) => boolean, expected: string) {
  const invalid = (given: string): Error => badUserInput(`${given} is not a valid ${name}: expected ${expected}.`)
  const parse = (value: unknown): string => {
    if (typeof value === 'string' && isValid(value)) return value
    throw invalid(quote(value))
  }
  return new GraphQLScalarType<string, string>({
    name,
    serialize: value => String(value),
    parseValue: parse,
    parseLiteral: (node: ValueNode) => {
      if (node.kind === Kind.STRING) return parse(node.value)
      throw invalid(print(node))
    },
  })
}

function matchesPattern(pattern: RegExp) {
  return (text: string): boolean => pattern.test(text)
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
  return stringScalar(name, matchesPattern(pattern), `"${prefix}" followed by 32 letters or digits`)
}

export const scalars = {
  AccountSid: sidScalar('AccountSid', SID_PATTERNS.account, 'AC'),
  ConferenceSid: sidScalar('ConferenceSid', SID_PATTERNS.conference, 'CF'),
  CallSid: stringScalar(
    'CallSid',
    matchesPattern(SID_PATTERNS.call),
    '"CA" followed by 32 letters or digits, optionally after "ID", 32 letters or digits and a hyphen',
  ),
  RecordingSid: sidScalar('RecordingSid', SID_PATTERNS.recording, 'RE'),
  Date: stringScalar('Date', isCalendarDate, 'an existing date in the form YYYY-MM-DD'),
  DateTime: stringScalar('DateTime', isDateTime, 'a date and time in the form of RFC 3339'),
}
