import { GraphQLScalarType, Kind, type ValueNode } from 'graphql'
import { SID_FORMS } from '../model.ts'
import { badUserInput } from '../userInputError.ts'

/** A text of one form. What does not have it is refused before anything is sent upstream. */
const textScalar = (name: string, isValid: (text: string) => boolean, form: string) => {
  const parse = (value: unknown): string => {
    if (typeof value === 'string' && isValid(value)) return value
    throw badUserInput(`This is not a valid ${name}: ${form}.`)
  }
  return new GraphQLScalarType<string, string>({
    name,
    serialize: value => String(value),
    parseValue: parse,
    parseLiteral: (node: ValueNode) => parse(node.kind === Kind.STRING ? node.value : null),
  })
}

const matches = (pattern: RegExp) => (text: string) => pattern.test(text)

const isDay = (text: string): boolean => {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const day = new Date(`${text}T00:00:00Z`)
  // 31 February would roll over into March.
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text)
}

const isMoment = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/.test(text) && !Number.isNaN(Date.parse(text))

export const scalars = {
  AccountSid: textScalar('AccountSid', matches(SID_FORMS.account), 'it is `AC` and 32 letters or digits'),
  ConferenceSid: textScalar('ConferenceSid', matches(SID_FORMS.conference), 'it is `CF` and 32 letters or digits'),
  CallSid: textScalar(
    'CallSid',
    matches(SID_FORMS.call),
    'it is `CA` and 32 letters or digits, or `ID` and 32, a hyphen, then `CA` and 32',
  ),
  RecordingSid: textScalar('RecordingSid', matches(SID_FORMS.recording), 'it is `RE` and 32 letters or digits'),
  Date: textScalar('Date', isDay, 'it is a day that exists, as YYYY-MM-DD'),
  DateTime: textScalar('DateTime', isMoment, 'it is a moment as RFC 3339 has it'),
}
