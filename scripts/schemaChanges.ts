import { type Change, ChangeType, CriticalityLevel, diff } from '@graphql-inspector/core'
import { buildSchema } from 'graphql'
import { schemaElements } from './deprecations.ts'

export interface SchemaChanges {
  /** Changes after which a valid query or a correct client may fail. */
  readonly breaking: readonly string[]
  /**
   * The breaking changes, except changed defaults, of elements which are not deprecated or whose removal date has not
   * passed. Directives and new elements count as elements which are not deprecated.
   */
  readonly premature: readonly string[]
  readonly other: readonly string[]
}

/** Dangerous changes are breaking, except additions and new reasons: clients must accept new enum values. */
function isBreaking({ type, path, criticality }: Change): boolean {
  return (
    criticality.level === CriticalityLevel.Breaking ||
    (criticality.level === CriticalityLevel.Dangerous &&
      !String(type).endsWith('_ADDED') &&
      !path?.includes('.@deprecated'))
  )
}

/** `today` has the form `YYYY-MM-DD`. */
export async function schemaChanges(
  previousSdl: string,
  currentSdl: string,
  today = new Date().toISOString().slice(0, 10),
): Promise<SchemaChanges> {
  const elements = schemaElements(previousSdl)
  const isRemovable = ({ type, path = '', meta }: Change): boolean => {
    // Types cannot have `@deprecated`: a type is removable if all elements of the type are.
    const removedPath: string = meta.removedUnionMemberTypeName ?? path.replace(/\.@.*/, '')
    const removed = elements.filter(element => `${element.path}.`.startsWith(`${removedPath}.`))
    // Scalars and unions have no elements, but their removal changes the type of each field which has the type.
    if (removed.length === 0) return type === ChangeType.TypeRemoved
    return removed.every(({ removalDate }) => removalDate !== undefined && removalDate < today)
  }
  // Without a default, an argument can become required.
  const isChangedDefault = ({ meta }: Change): boolean => meta.newDefaultValue !== undefined
  const changes = await diff(buildSchema(previousSdl), buildSchema(currentSdl))
  const messages = (condition: (change: Change) => boolean) =>
    changes
      .filter(condition)
      .map(({ message }) => message)
      .sort()
  return {
    breaking: messages(isBreaking),
    premature: messages(change => isBreaking(change) && !isChangedDefault(change) && !isRemovable(change)),
    other: messages(change => !isBreaking(change)),
  }
}
