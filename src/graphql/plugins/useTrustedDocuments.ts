import { hash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type DocumentNode, type GraphQLSchema, Kind, parse, specifiedRules, validate } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Config } from '../../config.ts'
import { quote, userInputError } from '../../userInputError.ts'
import { type AnalyzeDocument, createDocumentAnalyzer } from '../analyzeDocument.ts'
import type { GraphQLParams, ServerContext } from '../requestContext.ts'
import { createSchema } from '../schema.ts'
import { INCREMENTAL_RULES } from './useIncrementalDelivery.ts'
import { checkQueryLimits, guardStackOverflow, type QueryLimits } from './useQueryLimits.ts'

/** Reports invalid trusted documents. The message is a complete sentence and is shown at startup. */
export class TrustedDocumentsError extends Error {
  override readonly name = 'TrustedDocumentsError'

  constructor(problem: string, options?: ErrorOptions) {
    super(`TRUSTED_DOCUMENTS: ${problem.replace(/\.$/, '')}.`, options)
  }
}

/** Allow-list of documents. Clients may send only documents from the list. */
export type TrustedDocuments = NonNullable<ReturnType<typeof readTrustedDocuments>>

const EXPECTED_SOURCES = 'a JSON object of ids and texts, an Apollo manifest, or a folder of .graphql files'

interface DocumentSource {
  /** File name or document id, shown in error messages. */
  readonly name: string
  /** Clients may send the id or the SHA-256 hash of the text. Documents from a folder have no id. */
  readonly id?: string
  readonly text: string
}

/**
 * Reads a JSON map of ids to texts (Relay), an Apollo manifest, or a folder of `.graphql` files. If a document is
 * invalid or exceeds a query limit, throws a `TrustedDocumentsError`. If `TRUSTED_DOCUMENTS` is not set, returns null.
 */
export function readTrustedDocuments(limits: QueryLimits, schema: GraphQLSchema, analyzeDocument: AnalyzeDocument) {
  const path = limits.trustedDocuments
  if (path === null) return null
  const textsById = new Map<string, string>()
  const documentsByText = new Map<string, DocumentNode>()
  for (const { name, id, text } of readSources(path)) {
    const trimmed = text.trim()
    const document = parseDocument(name, text, limits.maxTokens)
    const errors = guardStackOverflow(validate)(schema, document, [...specifiedRules, ...INCREMENTAL_RULES])
    const [error] = [...errors, ...checkQueryLimits(analyzeDocument(document), limits)]
    if (error !== undefined) throw new TrustedDocumentsError(`${name} is invalid: ${error.message}`)
    documentsByText.set(trimmed, document)
    for (const key of [
      hash('sha256', text),
      hash('sha256', trimmed),
      ...(id === undefined ? [] : [withoutHashPrefix(id)]),
    ]) {
      textsById.set(key, trimmed)
    }
  }
  if (documentsByText.size === 0) {
    throw new TrustedDocumentsError(`${path} contains no documents: expected ${EXPECTED_SOURCES}`)
  }
  return {
    text: (id: string) => textsById.get(withoutHashPrefix(id)),
    /** Ignores white space before and after the text. */
    document: (text: string) => documentsByText.get(text.trim()),
  }
}

/** Returns an error message, or null if valid. `config.ts` cannot check the documents without the schema. */
export function validateTrustedDocuments(config: Pick<Config, 'federation' | 'limits' | 'queries'>): string | null {
  if (config.queries.trustedDocuments === null) return null
  try {
    const schema = createSchema(config.federation)
    readTrustedDocuments(config.queries, schema, createDocumentAnalyzer(schema, config.limits))
    return null
  } catch (error) {
    if (error instanceof TrustedDocumentsError) return error.message
    throw error
  }
}

/** Removes the prefix `sha256:`. Most clients send a hash without the prefix. */
function withoutHashPrefix(id: string): string {
  return id.replace(/^sha256:/i, '')
}

function readSources(path: string): readonly DocumentSource[] {
  try {
    if (!statSync(path).isDirectory()) return parseManifest(path, JSON.parse(readFileSync(path, 'utf8')))
    const names = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.graphql'))
    return names.sort().map(name => ({ name, text: readFileSync(join(path, name), 'utf8') }))
  } catch (error) {
    if (error instanceof TrustedDocumentsError) throw error
    if (error instanceof SyntaxError) {
      const problem = `${path} is not valid JSON: ${error.message.replace(/\s+/g, ' ')}`
      throw new TrustedDocumentsError(problem, { cause: error })
    }
    const { code } = error as NodeJS.ErrnoException
    const problem = code === 'ENOENT' ? `${path} does not exist` : `${path} cannot be read (${code})`
    throw new TrustedDocumentsError(problem, { cause: error })
  }
}

function parseManifest(path: string, json: unknown): readonly DocumentSource[] {
  const isManifest = isRecord(json) && json.format === 'apollo-persisted-query-manifest'
  const textsById = () => isRecord(json) && Object.entries(json).map(([id, body]) => ({ id, body }))
  const entries: unknown = isManifest ? json.operations : textsById()
  if (!Array.isArray(entries)) {
    throw new TrustedDocumentsError(`${path} is not a list of documents: expected ${EXPECTED_SOURCES}`)
  }
  return entries.map((entry: unknown, index) => {
    const { id, body }: { readonly id?: unknown; readonly body?: unknown } = Object(entry)
    if (typeof id === 'string' && typeof body === 'string') return { name: id, id, text: body }
    const problem = isManifest
      ? `operations[${index}] of ${path} is not a document: expected the strings "id" and "body"`
      : `the value of ${quote(id)} in ${path} is not a document: expected a string`
    throw new TrustedDocumentsError(problem)
  })
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parseDocument(name: string, text: string, maxTokens: number): DocumentNode {
  let document: DocumentNode
  try {
    document = parse(text, { maxTokens })
  } catch (error) {
    throw new TrustedDocumentsError(`${name} is not valid GraphQL: ${(error as Error).message}`, { cause: error })
  }
  if (document.definitions.some(({ kind }) => kind === Kind.OPERATION_DEFINITION)) return document
  throw new TrustedDocumentsError(`${name} contains no operation: expected a query, mutation or subscription`)
}

/**
 * `onParams` resolves the document ids of HTTP requests. The WebSocket server calls `resolvePersistedOperation`.
 * `onParse` rejects the untrusted documents of both transports.
 */
export function useTrustedDocuments(documents: TrustedDocuments | null): Plugin<ServerContext> {
  return {
    onParams: ({ params, setParams, request }) =>
      setParams(resolvePersistedOperation(params, documents, request.method === 'GET' ? request.url : undefined)),
    ...(documents !== null && {
      onParse: ({ params, setParsedDocument }) => {
        const document = documents.document(String(params.source))
        if (document === undefined) {
          throw userInputError(
            'DOCUMENT_NOT_TRUSTED',
            'The query is not a trusted document: send the exact text or the id of a document in TRUSTED_DOCUMENTS.',
          )
        }
        setParsedDocument(document)
      },
    }),
  }
}

/**
 * Replaces a document id, or the hash of an automatic persisted query, by the text of the document. `url` is set only
 * for GET requests, because their query string may contain the id. After errors with a `PERSISTED_QUERY_…` code, Apollo
 * Client repeats the request with the text.
 */
export function resolvePersistedOperation(
  params: GraphQLParams,
  documents: TrustedDocuments | null,
  url = '',
): GraphQLParams {
  const { sha256Hash }: { readonly sha256Hash?: unknown } = Object(params.extensions?.persistedQuery)
  if (documents === null) {
    if (params.query || !isNonEmptyString(sha256Hash)) return params
    const message =
      'The request has a query hash and no query: send the query. Automatic persisted queries are not supported.'
    throw userInputError('PERSISTED_QUERY_NOT_SUPPORTED', message)
  }
  // Parameter names of a GraphQL over HTTP proposal, Relay and urql. Yoga rejects requests with unknown parameters.
  const { documentId, doc_id, id, ...knownParams } = params as GraphQLParams & Readonly<Record<string, unknown>>
  if (params.query) return knownParams
  const urlParams = URL.parse(url)?.searchParams
  const idsInUrl = ['documentId', 'doc_id', 'id'].map(name => urlParams?.get(name))
  const documentKey = [sha256Hash, documentId, doc_id, id, ...idsInUrl].find(isNonEmptyString)
  if (documentKey === undefined) return params
  const query = documents.text(documentKey)
  if (query !== undefined) return { ...knownParams, query }
  throw userInputError(
    'PERSISTED_QUERY_NOT_FOUND',
    `No trusted document has the id ${quote(documentKey)}: expected an id in TRUSTED_DOCUMENTS, or the SHA-256 hash of a text there.`,
  )
}

function isNonEmptyString(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
