/** Numbers in [0, 1), the same ones for the same seed. */
export type Random = () => number

export const seededRandom = (seed: number): Random => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** A whole number in [0, count). */
export const below = (random: Random, count: number): number => Math.floor(random() * count)

export const chance = (random: Random, share: number): boolean => random() < share

/** Undefined from an empty list alone. */
export const pick = <T>(random: Random, from: readonly T[]): T | undefined => from[below(random, from.length)]
