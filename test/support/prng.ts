/** Chance from a seed, for what is made up. */
export class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = (seed * 2_654_435_761) >>> 0
  }

  /** A whole number in [0, count). */
  below(count: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((this.#state / 2 ** 32) * count)
  }

  /** True once in so many times. */
  oneIn(count: number): boolean {
    return this.below(count) === 0
  }

  pick<T>(from: readonly T[]): T {
    const picked = from[this.below(from.length)]
    if (picked === undefined) throw new Error('There is nothing to pick from.')
    return picked
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)))
  }

  /** A text with pieces of it gone, doubled, moved, or made of what does not belong there. */
  broken(text: string): string {
    let broken = text
    for (let times = 1 + this.below(3); times > 0; times--) {
      const at = this.below(broken.length + 1)
      const end = Math.min(broken.length, at + this.below(12))
      const part = broken.slice(at, end)
      switch (this.below(4)) {
        case 0:
          broken = broken.slice(0, at) + broken.slice(end)
          break
        case 1:
          broken = broken.slice(0, at) + part.repeat(2 + this.below(4)) + broken.slice(at)
          break
        case 2:
          broken = broken.slice(end) + broken.slice(0, end)
          break
        default:
          broken = broken.slice(0, at) + this.pick(ODDITIES) + broken.slice(at)
      }
    }
    return broken
  }

  /** A value of any type of JSON. */
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
      this.pick(ODDITIES),
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

const ODDITIES = [
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
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what somebody sends who hopes for a template.
  '${7*7}',
  'A'.repeat(300),
]
