import { type Change, CriticalityLevel, diff } from '@graphql-inspector/core'
import { buildSchema } from 'graphql'

/** What has become of a schema that clients were promised, a sentence each. */
export interface SchemaChanges {
  /** What a query that was valid, or the code that reads its answer, may fail on. */
  readonly breaking: readonly string[]
  /** What no query notices. */
  readonly other: readonly string[]
}

/** Clients must expect what is new, in an enum too: each has an `UNKNOWN`. A default that changes they cannot expect. */
const isBreaking = ({ type, criticality }: Change): boolean =>
  criticality.level === CriticalityLevel.Breaking ||
  (criticality.level === CriticalityLevel.Dangerous && !String(type).endsWith('_ADDED'))

/** Compares two schemas, both as SDL. */
export const schemaChanges = async (promised: string, present: string): Promise<SchemaChanges> => {
  const changes = await diff(buildSchema(promised), buildSchema(present))
  const sentences = (wanted: boolean) =>
    changes
      .filter(change => isBreaking(change) === wanted)
      .map(({ message }) => message)
      .sort()
  return { breaking: sentences(true), other: sentences(false) }
}
