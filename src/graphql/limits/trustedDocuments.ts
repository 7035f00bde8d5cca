import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type DocumentNode, extendSchema, type GraphQLSchema, Kind, parse, specifiedRules, validate } from 'graphql'
import type { Config } from '../../config.ts'
import { PARTS_RULES } from '../validation/incrementalRules.ts'
import { shapeRefusals, withinStack } from './checkQueryLimits.ts'

/** What is wrong with the trusted documents: the message is a sentence for whoever started the process. */
export class TrustedDocumentsError extends Error {
  override readonly name = 'TrustedDocumentsError'

  constructor(what: string, options?: ErrorOptions) {
    super(`TRUSTED_DOCUMENTS: ${what}.`, options)
  }
}

/** The only documents that are run. */
export interface TrustedDocuments {
  /** The text that a client's id stands for. */
  text(id: string): string | undefined
  /** The document of a text, parsed; the space around it does not count. */
  document(text: string): DocumentNode | undefined
}

/** What the schema has only when it is served, and a document may use all the same. */
const SERVED_DIRECTIVES = parse(`
  directive @defer(if: Boolean! = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT
  directive @stream(if: Boolean! = true, label: String, initialCount: Int = 0) on FIELD
`)

interface Source {
  readonly where: string
  /** Beside the SHA-256 of the text. */
  readonly id?: string
  readonly text: string
}

/**
 * Reads them once: a JSON file from ids to texts, as Relay writes it, Apollo's manifest, or a folder of `.graphql`
 * files. Each must fit the schema and the limits, so that what would never run is known at the start.
 */
export const readTrustedDocuments = (
  path: string,
  schema: GraphQLSchema,
  limits: Config['queries'],
): TrustedDocuments => {
  const served = extendSchema(schema, SERVED_DIRECTIVES)
  const texts = new Map<string, string>()
  const documents = new Map<string, DocumentNode>()
  for (const { where, id, text } of sourcesAt(path)) {
    const trimmed = text.trim()
    documents.set(trimmed, documentOf(where, text, served, limits))
    for (const name of [sha256(text), sha256(trimmed), ...(id === undefined ? [] : [plainId(id)])]) {
      texts.set(name, trimmed)
    }
  }
  if (documents.size === 0) throw new TrustedDocumentsError(`there is no document in ${path}`)
  return { text: id => texts.get(plainId(id)), document: text => documents.get(text.trim()) }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** The specification writes `sha256:` before a hash; nearly nobody else does. */
const plainId = (id: string): string => id.replace(/^sha256:/i, '')

const sourcesAt = (path: string): readonly Source[] => {
  try {
    if (!statSync(path).isDirectory()) return sourcesIn(path, JSON.parse(readFileSync(path, 'utf8')))
    const names = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.graphql'))
    return names.sort().map(where => ({ where, text: readFileSync(join(path, where), 'utf8') }))
  } catch (error) {
    if (error instanceof TrustedDocumentsError) throw error
    if (error instanceof SyntaxError) throw new TrustedDocumentsError(`${path} is not JSON`, { cause: error })
    const { code } = error as NodeJS.ErrnoException
    const what = code === 'ENOENT' ? `there is no ${path}` : `${path} cannot be read (${code})`
    throw new TrustedDocumentsError(what, { cause: error })
  }
}

const sourcesIn = (path: string, json: unknown): readonly Source[] => {
  const isManifest = isRecord(json) && json.format === 'apollo-persisted-query-manifest'
  const entries: readonly (readonly [unknown, unknown])[] | null = isManifest
    ? Array.isArray(json.operations)
      ? json.operations.map(operation => (isRecord(operation) ? [operation.id, operation.body] : [null, null]))
      : null
    : isRecord(json)
      ? Object.entries(json)
      : null
  if (entries === null) throw new TrustedDocumentsError(`${path} has neither documents by their ids nor a manifest`)
  return entries.map(([id, text]) => {
    if (typeof id === 'string' && typeof text === 'string') return { where: id, id, text }
    throw new TrustedDocumentsError(`in ${path}, ${typeof id === 'string' ? id : 'an operation'} is not a document`)
  })
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const documentOf = (where: string, text: string, schema: GraphQLSchema, limits: Config['queries']): DocumentNode => {
  const document = parsed(where, text, limits.maximumTokens)
  if (!document.definitions.some(({ kind }) => kind === Kind.OPERATION_DEFINITION)) {
    throw new TrustedDocumentsError(`${where} has no operation`)
  }
  const errors = withinStack(validate)(schema, document, [...specifiedRules, ...PARTS_RULES])
  const [error] = [...errors, ...shapeRefusals(document, limits)]
  if (error !== undefined) throw new TrustedDocumentsError(`${where} cannot be run: ${sentence(error.message)}`)
  return document
}

const parsed = (where: string, text: string, maxTokens: number): DocumentNode => {
  try {
    return parse(text, { maxTokens })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new TrustedDocumentsError(`${where} is not GraphQL: ${sentence(message)}`, { cause: error })
  }
}

const sentence = (message: string): string => message.replace(/\.$/, '')
