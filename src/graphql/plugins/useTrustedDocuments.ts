import type { Plugin } from 'graphql-yoga'
import { userInputError } from '../../userInputError.ts'
import { resolvePersistedOperation } from '../limits/resolvePersistedOperation.ts'
import type { TrustedDocuments } from '../limits/trustedDocuments.ts'
import type { ServerContext } from '../requestContext.ts'

/**
 * `onParams` resolves the document ids of HTTP requests. The WebSocket server resolves document ids separately.
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
