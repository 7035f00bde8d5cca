import type { DocumentNode } from 'graphql'
import { LRUCache } from 'lru-cache'

/** Of the texts in each cache. Characters; what is kept for a text is a multiple of it. */
const MAXIMUM_TEXT = 4_000_000
const MAXIMUM_DOCUMENTS = 1_000

/** Yoga's own caches count documents, however long they are. */
export const documentCache = () => ({ documentCache: cache<DocumentNode>(), errorCache: cache<unknown>() })

const cache = <V extends object | unknown>() =>
  new LRUCache<string, NonNullable<V>>({
    max: MAXIMUM_DOCUMENTS,
    maxSize: MAXIMUM_TEXT,
    sizeCalculation: (_value, text) => text.length + 1,
  })
