import type { Plugin } from 'graphql-yoga'
import type { ServerContext } from '../requestContext.ts'
import { withDocument } from '../limits/persistedOperation.ts'
import { refusal } from '../requestError.ts'
import type { TrustedDocuments } from '../limits/trustedDocuments.ts'

/**
 * Runs these documents and no others. What a text stands for is decided where it would be parsed, which no door gets
 * around; a client's id becomes a text before that, here for HTTP.
 */
export const trustDocuments = (documents: TrustedDocuments | null): Plugin<ServerContext> => ({
  onParams: ({ params, setParams, request }) =>
    setParams(withDocument(params, documents, request.method === 'GET' ? request.url : undefined)),
  ...(documents !== null && {
    onParse: ({ params, setParsedDocument }) => {
      const document = documents.document(String(params.source))
      if (document === undefined) {
        throw refusal('DOCUMENT_NOT_TRUSTED', 'This is none of the documents that are run here (TRUSTED_DOCUMENTS).')
      }
      setParsedDocument(document)
    },
  }),
})
