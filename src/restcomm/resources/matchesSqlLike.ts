/**
 * Evaluates an SQL LIKE pattern: `%` matches any text, `_` any character; escapes are not supported. Depending on the
 * database, `_` matches a UTF-16 code unit or a code point. A match of either kind counts.
 */
export function matchesSqlLike(text: string, pattern: string): boolean {
  return matchesCharacters(text.split(''), pattern.split('')) || matchesCharacters([...text], [...pattern])
}

/** Backtracks to the last `%` only, so the time grows at most with the product of both lengths. */
function matchesCharacters(text: readonly string[], pattern: readonly string[]): boolean {
  let textIndex = 0
  let patternIndex = 0
  let backtrack: { textIndex: number; patternIndex: number } | null = null
  while (textIndex < text.length) {
    if (pattern[patternIndex] === '%') {
      backtrack = { textIndex, patternIndex: ++patternIndex }
    } else if (
      patternIndex < pattern.length &&
      (pattern[patternIndex] === '_' || pattern[patternIndex] === text[textIndex])
    ) {
      textIndex++
      patternIndex++
    } else if (backtrack !== null) {
      textIndex = ++backtrack.textIndex
      patternIndex = backtrack.patternIndex
    } else {
      return false
    }
  }
  return pattern.slice(patternIndex).every(character => character === '%')
}
