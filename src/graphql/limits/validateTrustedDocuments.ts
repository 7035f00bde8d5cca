import type { Config } from '../../config.ts'
import { createSchema } from '../schema.ts'
import { readTrustedDocuments, TrustedDocumentsError } from './trustedDocuments.ts'

/** What is wrong with the trusted documents, in a sentence. They need the schema, and so are read after the settings. */
export const problemOfDocuments = ({ queries, federation }: Pick<Config, 'queries' | 'federation'>): string | null => {
  if (queries.trustedDocuments === null) return null
  try {
    readTrustedDocuments(queries.trustedDocuments, createSchema(federation.node), queries)
    return null
  } catch (error) {
    if (error instanceof TrustedDocumentsError) return error.message
    throw error
  }
}
