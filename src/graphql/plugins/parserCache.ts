import type { DocumentNode } from 'graphql'
import { LRUCache } from 'lru-cache'

/** Of all texts in a cache. Characters; a parsed document takes up to 250 bytes for each of its own. */
const MAXIMUM_TEXT = 500_000
const MAXIMUM_DOCUMENTS = 1_000

/** Yoga's own caches count documents, however long they are. */
export const documentCache = () => ({
  documentCache: cache<DocumentNode>(),
  errorCache: cache<Error>(),
  // `validateOnce` remembers.
  validationCache: false,
})

const cache = <V extends object>() =>
  new LRUCache<string, V>({
    max: MAXIMUM_DOCUMENTS,
    maxSize: MAXIMUM_TEXT,
    sizeCalculation: (_value, text) => text.length + 1,
  })
