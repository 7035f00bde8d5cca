import { type Change, CriticalityLevel, diff } from '@graphql-inspector/core'
import { buildSchema } from 'graphql'
import { schemaElements } from './deprecations.ts'

export interface SchemaChanges {
  /** Changes after which a valid query or a correct client may fail. */
  readonly breaking: readonly string[]
  /** The breaking changes that remove elements which are not deprecated, or whose removal date has not passed. */
  readonly premature: readonly string[]
  readonly other: readonly string[]
}

/** Dangerous changes are breaking, except additions: clients must accept new enum values. */
function isBreaking({ type, criticality }: Change): boolean {
  return (
    criticality.level === CriticalityLevel.Breaking ||
    (criticality.level === CriticalityLevel.Dangerous && !String(type).endsWith('_ADDED'))
  )
}

/** A changed type is a removal too, because no query suits both types. */
function isRemoval({ type }: Change): boolean {
  return /(_REMOVED|_TYPE_CHANGED|_KIND_CHANGED)$/.test(type)
}

/** `today` has the form `YYYY-MM-DD`. */
export async function schemaChanges(
  committedSdl: string,
  currentSdl: string,
  today = new Date().toISOString().slice(0, 10),
): Promise<SchemaChanges> {
  const elements = schemaElements(committedSdl)
  const isRemovable = ({ path = '', meta }: Change): boolean => {
    // Types cannot have `@deprecated`: a type is removable if all elements of the type are.
    const removedPath: string = meta.removedUnionMemberTypeName ?? path
    return elements
      .filter(element => `${element.path}.`.startsWith(`${removedPath}.`))
      .every(({ removalDate }) => removalDate !== undefined && removalDate < today)
  }
  const changes = await diff(buildSchema(committedSdl), buildSchema(currentSdl))
  const messages = (condition: (change: Change) => boolean) =>
    changes
      .filter(condition)
      .map(({ message }) => message)
      .sort()
  return {
    breaking: messages(isBreaking),
    premature: messages(change => isBreaking(change) && isRemoval(change) && !isRemovable(change)),
    other: messages(change => !isBreaking(change)),
  }
}
