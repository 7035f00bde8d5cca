const MAX_ENTRIES = 200

/** Memoizes at most `MAX_ENTRIES` results, because clients can send any number of different headers. */
export function createBoundedMemo<Value extends boolean | string | null>(
  compute: (header: string) => Value,
): (header: string) => Value {
  const values = new Map<string, Value>()
  return header => {
    const cached = values.get(header)
    if (cached !== undefined) return cached
    const value = compute(header)
    if (values.size < MAX_ENTRIES) values.set(header, value)
    return value
  }
}
