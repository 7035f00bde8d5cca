import type { DocumentNode } from 'graphql'
import { LRUCache } from 'lru-cache'

/** Total length of cached texts. Parsed documents use up to 250 bytes per character, so the maximum is 125 MB. */
const MAX_TOTAL_CHARS = 500_000
const MAX_DOCUMENTS = 1_000

/** Limits Yoga's parser cache by the length of texts. Yoga's default caches limit only the number of documents. */
export function createParserCache() {
  return {
    documentCache: createTextCache<DocumentNode>(),
    errorCache: createTextCache<Error>(),
    // The plugin `useValidationCache` replaces Yoga's validation cache.
    validationCache: false,
  }
}

function createTextCache<V extends object>() {
  return new LRUCache<string, V>({
    max: MAX_DOCUMENTS,
    maxSize: MAX_TOTAL_CHARS,
    // The cache requires a positive size, so an empty text has the size 1.
    sizeCalculation: (_value, text) => text.length + 1,
  })
}
