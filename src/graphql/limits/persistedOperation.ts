import type { GraphQLParams } from 'graphql-yoga'
import { refusal } from '../requestError.ts'
import type { TrustedDocuments } from './trustedDocuments.ts'

/** Where clients name a document instead of writing it: the specification's, Relay's, and urql's and others'. */
const ID_PARAMETERS = ['documentId', 'doc_id', 'id'] as const

type Asked = GraphQLParams & Readonly<Record<string, unknown>>

/**
 * What a client asks, with the text of a document that it only names. `url` is of a GET. A name that is not known is
 * refused with the code of Apollo's protocol, by which its client knows to send the text.
 */
export const withDocument = (
  params: GraphQLParams,
  documents: TrustedDocuments | null,
  url?: string,
): GraphQLParams => {
  const asked = params as Asked
  if (asked.query) return documents === null ? params : plain(asked)
  const hash = hashOf(asked)
  if (documents === null) {
    if (hash === undefined) return params
    throw refusal('PERSISTED_QUERY_NOT_SUPPORTED', 'Send the text of the query: nothing is kept by its hash here.')
  }
  const id = hash ?? ID_PARAMETERS.map(name => asked[name]).find(isText) ?? (url && idIn(url))
  if (id === undefined) return params
  const query = documents.text(id)
  if (query === undefined) {
    throw refusal('PERSISTED_QUERY_NOT_FOUND', 'No trusted document has this id (TRUSTED_DOCUMENTS).')
  }
  return { ...plain(asked), query }
}

/** Without the names of documents, which Yoga does not know. */
const plain = ({ documentId: _documentId, doc_id: _docId, id: _id, ...asked }: Asked): GraphQLParams => asked

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

const hashOf = ({ extensions }: Asked): string | undefined => {
  const persisted: unknown = extensions?.persistedQuery
  if (typeof persisted !== 'object' || persisted === null || !('sha256Hash' in persisted)) return undefined
  return isText(persisted.sha256Hash) ? persisted.sha256Hash : undefined
}

const idIn = (url: string): string | undefined => {
  const start = url.indexOf('?')
  const parameters = new URLSearchParams(start < 0 ? '' : url.slice(start + 1))
  return ID_PARAMETERS.map(name => parameters.get(name)).find(isText)
}
