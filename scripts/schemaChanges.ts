import { type Change, CriticalityLevel, diff } from '@graphql-inspector/core'
import { buildSchema } from 'graphql'

export interface SchemaChanges {
  /** Changes after which a valid query or a correct client may fail. */
  readonly breaking: readonly string[]
  readonly other: readonly string[]
}

/** Dangerous changes are breaking, except additions: clients must accept new enum values. */
function isBreaking({ type, criticality }: Change): boolean {
  return (
    criticality.level === CriticalityLevel.Breaking ||
    (criticality.level === CriticalityLevel.Dangerous && !String(type).endsWith('_ADDED'))
  )
}

export async function schemaChanges(committedSdl: string, currentSdl: string): Promise<SchemaChanges> {
  const changes = await diff(buildSchema(committedSdl), buildSchema(currentSdl))
  const messages = (breaking: boolean) =>
    changes
      .filter(change => isBreaking(change) === breaking)
      .map(({ message }) => message)
      .sort()
  return { breaking: messages(true), other: messages(false) }
}
