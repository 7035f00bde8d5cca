/** A seeded pseudo-random number generator for test data. */
export class Prng {
  #state: number

  constructor(seed: number) {
    this.#state = (seed * 2_654_435_761) >>> 0
  }

  integerBelow(count: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((this.#state / 2 ** 32) * count)
  }

  /** True with probability 1 / count. */
  oneIn(count: number): boolean {
    return this.integerBelow(count) === 0
  }

  pick<T>(from: readonly T[]): T {
    const picked = from[this.integerBelow(from.length)]
    if (picked === undefined) throw new Error('The list is empty: `pick` expects a list with items.')
    return picked
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.integerBelow(256)))
  }

  /** Removes, repeats, moves or inserts random pieces of a text. */
  corruptText(text: string): string {
    let result = text
    for (let times = 1 + this.integerBelow(3); times > 0; times--) {
      const at = this.integerBelow(result.length + 1)
      const end = Math.min(result.length, at + this.integerBelow(12))
      const part = result.slice(at, end)
      switch (this.integerBelow(4)) {
        case 0:
          result = result.slice(0, at) + result.slice(end)
          break
        case 1:
          result = result.slice(0, at) + part.repeat(2 + this.integerBelow(4)) + result.slice(at)
          break
        case 2:
          result = result.slice(end) + result.slice(0, end)
          break
        default:
          result = result.slice(0, at) + this.pick(UNUSUAL_TEXTS) + result.slice(at)
      }
    }
    return result
  }

  json(): unknown {
    return this.pick<unknown>([
      null,
      true,
      0,
      -1,
      1e308,
      9_007_199_254_740_992,
      '',
      'x',
      this.pick(UNUSUAL_TEXTS),
      [],
      [null],
      [[1]],
      {},
      { a: { b: [] } },
      { sid: 'CF' },
      { toString: 1, constructor: null, length: -1 },
    ])
  }
}

const UNUSUAL_TEXTS = [
  '\0',
  '\ud800',
  '\u202e',
  '😀',
  '"',
  '"""',
  '\\u{0}',
  '{',
  '}',
  '(',
  ')',
  '[',
  ']',
  '...',
  '@',
  '$',
  '!',
  '#',
  '&',
  '__proto__',
  'constructor',
  '__typename',
  '-',
  '1e999',
  '99999999999999999999',
  '\n',
  '%00',
  '../../../etc/passwd',
  '<script>alert(1)</script>',
  "' OR 1=1 --",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the text is an injection attempt, not a template.
  '${7*7}',
  'A'.repeat(300),
]
