import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { redisNames } from '../../../src/redis/redisConnection.ts'
import { codeOf } from '../../support/imports.ts'

/** Digest of the types of rows and messages in each format. */
const DIGESTS: Readonly<Record<string, string>> = {
  2: 'c090e7f981675b0a2a509a0551ca53f123d27989289267203fae68136657ba93',
}

/** Files with types of rows and messages. */
const FILES = [
  'model.ts',
  'restcomm/errors.ts',
  'live/events.ts',
  'live/accountSource.ts',
  'live/replicaExchange.ts',
  'redis/messages.ts',
]
/** Types that are written to Redis as JSON. */
const ROOTS = ['Conference', 'Call', 'ConferenceState', 'AccountState', 'Message', 'Change', 'DecodingErrorJson']

const DECLARATION = /^(?:export )?(?:interface|type|const) (\w+)[\s\S]*?(?=^\S|(?![\s\S]))/gm

/** Declarations of types and constants by name, without comments. */
function declarationsOf(file: string): readonly (readonly [string, string])[] {
  const code = codeOf(readFileSync(new URL(`../../../src/${file}`, import.meta.url), 'utf8'), { strings: true })
  return [...code.matchAll(DECLARATION)].map(([text, name = '']) => [name, text.replaceAll(/\s+/g, ' ').trim()])
}

/** The declarations of the roots, and of all types that the declarations name. */
function describeFormat(): string {
  const declarations = new Map(FILES.flatMap(declarationsOf))
  const names = new Set(ROOTS)
  for (const name of names) {
    for (const [word] of (declarations.get(name) ?? '').matchAll(/\w+/g)) if (declarations.has(word)) names.add(word)
  }
  return [...names].map(name => declarations.get(name) ?? `${name} is missing`).join('\n')
}

it('the types of rows and messages in Redis change only together with the version of the format', () => {
  const format = describeFormat()
  const [, version = ''] = redisNames('secret', 'http://restcomm/restcomm')('row').split(':')
  expect(
    { version, digest: createHash('sha256').update(format).digest('hex') },
    'Types of rows or messages in Redis have changed. Raise FORMAT_VERSION in src/redis/redisConnection.ts and in the ' +
      'documents (restcomm-graphql:2), and add the digest of the new version here. Replace the present digest only if ' +
      `no release has the present version, or if the stored JSON is the same. The types:\n${format}`,
  ).toEqual({ version, digest: DIGESTS[version] })
})

it('the digest of the format covers the fields of nested types', () => {
  const format = describeFormat()
  expect(format).not.toContain('missing')
  for (const field of ['hold:', 'forwardedFrom:', 'startedAfter:', "'RUNNING_INITIALIZING'", "'OUTBOUND_DIAL'"]) {
    expect(format).toContain(field)
  }
})
