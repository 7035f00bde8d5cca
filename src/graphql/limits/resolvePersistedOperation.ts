import { quote, userInputError } from '../../userInputError.ts'
import type { GraphQLParams } from '../requestContext.ts'
import type { TrustedDocuments } from './trustedDocuments.ts'

/** Parameter names of a GraphQL over HTTP proposal (`documentId`), Relay (`doc_id`) and urql (`id`). */
const ID_PARAMETERS = ['documentId', 'doc_id', 'id'] as const

type ParamsWithId = GraphQLParams & Readonly<Record<string, unknown>>

/**
 * Replaces a document id, or the hash of an automatic persisted query, by the text of the document. `url` is set only
 * for GET requests, because their query string may contain the id. After errors with a `PERSISTED_QUERY_…` code, Apollo
 * Client repeats the request with the text.
 */
export function resolvePersistedOperation(
  params: GraphQLParams,
  documents: TrustedDocuments | null,
  url?: string,
): GraphQLParams {
  const request = params as ParamsWithId
  if (request.query) return documents === null ? params : withoutDocumentIds(request)
  const hash = persistedQueryHash(request)
  if (documents === null) {
    if (hash === undefined) return params
    const message =
      'The request has a query hash and no query: send the query. Automatic persisted queries are not supported.'
    throw userInputError('PERSISTED_QUERY_NOT_SUPPORTED', message)
  }
  const id = hash ?? ID_PARAMETERS.map(name => request[name]).find(isNonEmptyString) ?? (url && idInQueryString(url))
  if (id === undefined) return params
  const query = documents.text(id)
  if (query === undefined) {
    throw userInputError(
      'PERSISTED_QUERY_NOT_FOUND',
      `No trusted document has the id ${quote(id)}: expected an id in TRUSTED_DOCUMENTS, or the SHA-256 hash of a text there.`,
    )
  }
  return { ...withoutDocumentIds(request), query }
}

/** Removes document ids, because Yoga rejects requests with unknown parameters. */
function withoutDocumentIds({
  documentId: _documentId,
  doc_id: _docId,
  id: _id,
  ...params
}: ParamsWithId): GraphQLParams {
  return params
}

function isNonEmptyString(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function persistedQueryHash({ extensions }: ParamsWithId): string | undefined {
  const persisted: unknown = extensions?.persistedQuery
  if (typeof persisted !== 'object' || persisted === null || !('sha256Hash' in persisted)) return undefined
  return isNonEmptyString(persisted.sha256Hash) ? persisted.sha256Hash : undefined
}

function idInQueryString(url: string): string | undefined {
  const start = url.indexOf('?')
  const parameters = new URLSearchParams(start < 0 ? '' : url.slice(start + 1))
  return ID_PARAMETERS.map(name => parameters.get(name)).find(isNonEmptyString)
}
