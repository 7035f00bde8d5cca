import type { DocumentNode } from 'graphql'
import { LRUCache } from 'lru-cache'

/** Total length of the cached texts. A parsed document uses up to 250 bytes per character: 125 MB at most. */
const MAX_TOTAL_CHARS = 500_000
const MAX_DOCUMENTS = 1_000

/** Bounds Yoga's parser cache by text length; the default caches bound only the number of documents. */
export function createParserCache() {
  return {
    documentCache: createTextCache<DocumentNode>(),
    errorCache: createTextCache<Error>(),
    // `useValidationCache` replaces this cache.
    validationCache: false,
  }
}

function createTextCache<V extends object>() {
  return new LRUCache<string, V>({
    max: MAX_DOCUMENTS,
    maxSize: MAX_TOTAL_CHARS,
    sizeCalculation: (_value, text) => text.length + 1,
  })
}
