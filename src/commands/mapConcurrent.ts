export const COMMAND_CONCURRENCY = 8

/** Maps at most `concurrency` items at the same time. The results have the order of `items`. */
export async function mapConcurrent<T, R>(
  items: readonly T[],
  concurrency: number,
  map: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = new Array(items.length)
  const remaining = items.entries()
  const worker = async () => {
    for (const [i, item] of remaining) results[i] = await map(item)
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker))
  return results
}
