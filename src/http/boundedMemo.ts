/** How many different headers are remembered. Clients write them, so there may be any number. */
const REMEMBERED = 200

/** What follows from a header alone, worked out once for each that comes again and again. */
export const remembered = <Value extends boolean | string | null>(
  of: (header: string) => Value,
): ((header: string) => Value) => {
  const values = new Map<string, Value>()
  return header => {
    const known = values.get(header)
    if (known !== undefined) return known
    const value = of(header)
    if (values.size < REMEMBERED) values.set(header, value)
    return value
  }
}
