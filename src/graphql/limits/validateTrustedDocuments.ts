import type { Config } from '../../config.ts'
import { createSchema } from '../schema.ts'
import { readTrustedDocuments, TrustedDocumentsError } from './trustedDocuments.ts'

/** Returns an error message, or null if valid. Separate from `config.ts`, which must not import the schema. */
export function validateTrustedDocuments({
  queries,
  federation,
}: Pick<Config, 'queries' | 'federation'>): string | null {
  if (queries.trustedDocuments === null) return null
  try {
    readTrustedDocuments(queries.trustedDocuments, createSchema(federation.node), queries)
    return null
  } catch (error) {
    if (error instanceof TrustedDocumentsError) return error.message
    throw error
  }
}
