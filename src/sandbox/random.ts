/** Returns the next number of a sequence, from 0 to less than 1. The same seed gives the same sequence. */
export type Random = () => number

export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Returns an integer from 0 to `count - 1`. */
export function randomInteger(random: Random, count: number): number {
  return Math.floor(random() * count)
}

export function chance(random: Random, share: number): boolean {
  return random() < share
}

/** Returns a random item, or undefined for an empty list. */
export function pick<T>(random: Random, from: readonly T[]): T | undefined {
  return from[randomInteger(random, from.length)]
}
