import type { Version } from './replicaBus.ts'

/** Null stands for none, which nothing is older than or the same as. */
export const isSame = (one: Version, other: Version | null): boolean =>
  other !== null && one[0] === other[0] && one[1] === other[1]

export const isOlder = (one: Version, than: Version | null): boolean =>
  than !== null && (one[0] < than[0] || (one[0] === than[0] && one[1] < than[1]))
