import DataLoader from 'dataloader'

/**
 * One look-up per distinct key and request, all of them in parallel. A key that fails rejects alone; its neighbours
 * still resolve.
 */
export const eachAlone = <K, V>(lookUp: (key: K) => Promise<V>, nameOf: (key: K) => string): DataLoader<K, V, string> =>
  new DataLoader<K, V, string>(async keys => (await Promise.allSettled(keys.map(lookUp))).map(valueOrError), {
    cacheKeyFn: nameOf,
  })

const valueOrError = <V>(result: PromiseSettledResult<V>): V | Error =>
  result.status === 'fulfilled' ? result.value : (result.reason as Error)
