import { setImmediate } from 'node:timers/promises'

/** JSON of about this length takes less than a millisecond, so other requests may wait for one slice. */
export const SLICE_CHARS = 65_536
/** Estimate for punctuation, and for a number, boolean or null. */
const CHARS_PER_VALUE = 8
/** UTF-8 bytes of a character in JSON, such as `\u0000`. */
const MAX_BYTES_PER_CHAR = 6

/** True if one `JSON.stringify` is fast, and its text has at most `maxBytes` bytes. */
export function isSmallResult(result: object, maxBytes: number): boolean {
  return subtractSize(result, Math.min(SLICE_CHARS, maxBytes / MAX_BYTES_PER_CHAR)) >= 0
}

/**
 * Returns the UTF-8 text of `JSON.stringify` in parts. Other work of the event loop runs between the parts. Returns null
 * if the text is longer than `maxBytes`. Methods `toJSON` must not use their argument.
 */
export async function serializeInSlices(result: object, maxBytes: number): Promise<readonly Buffer[] | null> {
  const slices: Buffer[] = []
  let bytes = 0
  let text = ''
  for (const part of stringifyParts(toJsonValue(result))) {
    text += part
    if (text.length < SLICE_CHARS) continue
    const slice = Buffer.from(text)
    text = ''
    bytes += slice.length
    if (bytes > maxBytes) return null
    slices.push(slice)
    await setImmediate()
  }
  slices.push(Buffer.from(text))
  return bytes + Buffer.byteLength(text) > maxBytes ? null : slices
}

/** Estimates the length of the text of `value`, and returns the rest of `chars`. Stops as soon as the rest is negative. */
function subtractSize(value: unknown, chars: number): number {
  if (typeof value === 'string') return chars - CHARS_PER_VALUE - value.length
  if (typeof value !== 'object' || value === null) return chars - CHARS_PER_VALUE
  let rest = chars - CHARS_PER_VALUE
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length && rest >= 0; index++) rest = subtractSize(value[index], rest)
    return rest
  }
  for (const key in value) {
    if (rest < 0) break
    const member = (value as Readonly<Record<string, unknown>>)[key]
    rest -= key.length
    // A call for each string would be most of the calls for a small result.
    if (typeof member === 'string') rest -= CHARS_PER_VALUE + member.length
    else rest = subtractSize(member, rest)
  }
  return rest
}

/** The parts of a value other than undefined have at most about `SLICE_CHARS` characters each. */
function* stringifyParts(value: unknown): Generator<string> {
  if (subtractSize(value, SLICE_CHARS) >= 0) yield JSON.stringify(value)
  else if (typeof value === 'string') yield* stringifyString(value)
  else if (Array.isArray(value)) yield* stringifyArray(value)
  else yield* stringifyObject(value as Readonly<Record<string, unknown>>)
}

function* stringifyArray(array: readonly unknown[]): Generator<string> {
  let separator = '['
  for (const given of array) {
    const item = toJsonValue(given)
    yield separator
    yield* stringifyParts(isOmitted(item) ? null : item)
    separator = ','
  }
  yield ']'
}

function* stringifyObject(object: Readonly<Record<string, unknown>>): Generator<string> {
  let separator = '{'
  for (const key of Object.keys(object)) {
    const member = toJsonValue(object[key])
    if (isOmitted(member)) continue
    yield `${separator}${JSON.stringify(key)}:`
    yield* stringifyParts(member)
    separator = ','
  }
  yield separator === '{' ? '{}' : '}'
}

function* stringifyString(text: string): Generator<string> {
  yield '"'
  let start = 0
  while (start < text.length) {
    let end = Math.min(start + SLICE_CHARS, text.length)
    // `JSON.stringify` escapes a half of a surrogate pair, so both halves belong to one part.
    if ((text.codePointAt(end - 1) ?? 0) > 0xffff) end++
    yield JSON.stringify(text.slice(start, end)).slice(1, -1)
    start = end
  }
  yield '"'
}

function toJsonValue(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const { toJSON } = value as { readonly toJSON?: unknown }
  return typeof toJSON === 'function' ? toJSON.call(value) : value
}

/** `JSON.stringify` omits the value in objects, and writes null in arrays. */
function isOmitted(value: unknown): boolean {
  return value === undefined || typeof value === 'function' || typeof value === 'symbol'
}
