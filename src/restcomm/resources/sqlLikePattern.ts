/** Bits per element of a set of states. */
const WORD_BITS = 32

/**
 * An SQL LIKE pattern without escapes: `%` matches any text, `_` any character. In some databases, a character is a
 * UTF-16 code unit; in some, a code point. Either match counts.
 */
export class SqlLikePattern {
  readonly #byCodeUnit: BitParallelPattern
  readonly #byCodePoint: BitParallelPattern

  constructor(pattern: string) {
    this.#byCodeUnit = new BitParallelPattern(pattern.split(''))
    this.#byCodePoint = new BitParallelPattern([...pattern])
  }

  matches(text: string): boolean {
    if (this.#byCodeUnit.matches(text)) return true
    const characters = [...text]
    return characters.length < text.length && this.#byCodePoint.matches(characters)
  }
}

/**
 * Follows all ways to match a text at once (the Shift-And algorithm). A state is the number of matched characters of the
 * pattern, and a bit per state shows if the state is possible. The time is proportional to the length of the text times
 * the number of 32-bit words, for every pattern and text.
 */
export class BitParallelPattern {
  readonly #wordCount: number
  readonly #finalState: number
  /** The states before a `%`, which any character leaves unchanged. */
  readonly #repeated: Uint32Array
  /** The states after an `_`. */
  readonly #afterAny: Uint32Array
  /** The states after a character, those after an `_` included. */
  readonly #after = new Map<string, Uint32Array>()

  constructor(pattern: readonly string[]) {
    const characters = pattern.filter(character => character !== '%')
    this.#finalState = characters.length
    this.#wordCount = Math.floor(characters.length / WORD_BITS) + 1
    this.#repeated = new Uint32Array(this.#wordCount)
    this.#afterAny = new Uint32Array(this.#wordCount)
    let state = 0
    for (const character of pattern) {
      if (character === '%') setBit(this.#repeated, state)
      else if (character === '_') setBit(this.#afterAny, ++state)
      else state++
    }
    for (const character of new Set(characters)) this.#after.set(character, this.#afterAny.slice())
    for (const [index, character] of characters.entries()) {
      const states = this.#after.get(character)
      if (character !== '_' && states !== undefined) setBit(states, index + 1)
    }
  }

  matches(text: ArrayLike<string>): boolean {
    let states = new Uint32Array(this.#wordCount)
    let next = new Uint32Array(this.#wordCount)
    setBit(states, 0)
    for (let i = 0; i < text.length; i++) {
      const after = this.#after.get(text[i] ?? '') ?? this.#afterAny
      let carry = 0
      for (let word = 0; word < this.#wordCount; word++) {
        const current = states[word] ?? 0
        next[word] = (((current << 1) | carry) & (after[word] ?? 0)) | (current & (this.#repeated[word] ?? 0))
        carry = current >>> (WORD_BITS - 1)
      }
      ;[states, next] = [next, states]
    }
    return hasBit(states, this.#finalState)
  }
}

function setBit(words: Uint32Array, bit: number): void {
  const word = Math.floor(bit / WORD_BITS)
  words[word] = (words[word] ?? 0) | (1 << (bit % WORD_BITS))
}

function hasBit(words: Uint32Array, bit: number): boolean {
  return (((words[Math.floor(bit / WORD_BITS)] ?? 0) >>> (bit % WORD_BITS)) & 1) === 1
}
