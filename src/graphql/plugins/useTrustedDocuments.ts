import type { Plugin } from 'graphql-yoga'
import { quote, userInputError } from '../../userInputError.ts'
import type { TrustedDocuments } from '../limits/trustedDocuments.ts'
import type { GraphQLParams, ServerContext } from '../requestContext.ts'

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
  const { sha256Hash: hash }: { readonly sha256Hash?: unknown } = Object(params.extensions?.persistedQuery)
  if (documents === null) {
    if (params.query || !isNonEmptyString(hash)) return params
    const message =
      'The request has a query hash and no query: send the query. Automatic persisted queries are not supported.'
    throw userInputError('PERSISTED_QUERY_NOT_SUPPORTED', message)
  }
  // Parameter names of a GraphQL over HTTP proposal, Relay and urql. Yoga rejects requests with unknown parameters.
  const { documentId, doc_id, id, ...knownParams } = params as GraphQLParams & Readonly<Record<string, unknown>>
  if (params.query) return knownParams
  const urlParams = URL.parse(url)?.searchParams
  const idsInUrl = ['documentId', 'doc_id', 'id'].map(name => urlParams?.get(name))
  const documentKey = [hash, documentId, doc_id, id, ...idsInUrl].find(isNonEmptyString)
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
