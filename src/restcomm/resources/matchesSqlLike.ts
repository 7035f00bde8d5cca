/**
 * Evaluates an SQL LIKE pattern without escapes: `%` matches any text, `_` any character. In some databases, a
 * character is a UTF-16 code unit; in some, a code point. Either match counts.
 */
export function matchesSqlLike(text: string, pattern: string): boolean {
  return matchesCharacters(text.split(''), pattern.split('')) || matchesCharacters([...text], [...pattern])
}

/** Backtracks only to the last `%`, so the time is at most proportional to text length × pattern length. */
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
