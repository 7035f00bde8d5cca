/** How many participants are acted on, or looked for, at the same time. */
export const AT_ONCE = 8

/** Does something for each of many, so many at a time, and gives the results in the order of `items`. */
export const eachBounded = async <T, R>(
  items: readonly T[],
  bound: number,
  act: (item: T) => Promise<R>,
): Promise<readonly R[]> => {
  const results: R[] = new Array(items.length)
  const waiting = items.entries()
  const work = async () => {
    for (const [i, item] of waiting) results[i] = await act(item)
  }
  await Promise.all(Array.from({ length: Math.min(bound, items.length) }, work))
  return results
}
