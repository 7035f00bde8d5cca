/**
 * Whether a text matches a pattern of SQL's LIKE: `%` stands for any text, `_` for any one character, nothing escapes
 * them. Databases differ in what one character is outside the basic plane, so either reading of `_` will do.
 */
export const isLike = (text: string, pattern: string): boolean =>
  matches(text.split(''), pattern.split('')) || matches([...text], [...pattern])

/** Goes back to the last `%` only, so that no pattern takes longer than the product of both lengths. */
const matches = (text: readonly string[], pattern: readonly string[]): boolean => {
  let [at, step] = [0, 0]
  let retry: { at: number; step: number } | null = null
  while (at < text.length) {
    if (pattern[step] === '%') {
      retry = { at, step: ++step }
    } else if (step < pattern.length && (pattern[step] === '_' || pattern[step] === text[at])) {
      at++
      step++
    } else if (retry !== null) {
      at = ++retry.at
      step = retry.step
    } else {
      return false
    }
  }
  return pattern.slice(step).every(rest => rest === '%')
}
