import {
  type ConstDirectiveNode,
  GraphQLDeprecatedDirective,
  getDirectiveValues,
  isTypeDefinitionNode,
  type NameNode,
  parse,
} from 'graphql'

/** A type, or a field, argument, input field or enum value. */
interface ElementNode {
  readonly name: NameNode
  readonly directives?: readonly ConstDirectiveNode[]
  readonly fields?: readonly ElementNode[]
  readonly values?: readonly ElementNode[]
  readonly arguments?: readonly ElementNode[]
}

/** A field, argument, input field or enum value: GraphQL allows `@deprecated` on these elements only. */
export interface SchemaElement {
  /** For example `Type.field.argument`. */
  readonly path: string
  /** The reason of `@deprecated`. */
  readonly reason: string | undefined
  /** Date in the reason as `YYYY-MM-DD`: the element may be removed after the day. Arguments inherit the date of the field. */
  readonly removalDate: string | undefined
}

const REASON = /`[^`]+`.*\. Removal after (\d{4}-\d{2}-\d{2})\.$/s
export const REASON_EXAMPLE = 'Use `callSid`. Removal after 2027-06-30.'

export function schemaElements(sdl: string): readonly SchemaElement[] {
  return parse(sdl)
    .definitions.filter(isTypeDefinitionNode)
    .flatMap(type => [...elementsOf(type, type.name.value)])
}

function* elementsOf(parent: ElementNode, parentPath: string, inheritedDate?: string): Generator<SchemaElement> {
  for (const node of [...(parent.fields ?? []), ...(parent.values ?? []), ...(parent.arguments ?? [])]) {
    const path = `${parentPath}.${node.name.value}`
    const reason = getDirectiveValues(GraphQLDeprecatedDirective, node)?.reason as string | undefined
    const removalDate = reason === undefined ? inheritedDate : removalDateOf(reason)
    yield { path, reason, removalDate }
    yield* elementsOf(node, path, removalDate)
  }
}

function removalDateOf(reason: string): string | undefined {
  const date = REASON.exec(reason)?.[1]
  const time = Date.parse(`${date}T00:00:00Z`)
  // JavaScript accepts 31 February as a day in March, so the parsed date is compared with the text.
  return !Number.isNaN(time) && new Date(time).toISOString().slice(0, 10) === date ? date : undefined
}

/**
 * Lists the deprecations without a replacement, or without the date of the removal. The date of a deprecation which
 * `committedSdl` does not have must not be before `today`, of the form `YYYY-MM-DD`.
 */
export function invalidDeprecations(currentSdl: string, committedSdl: string, today: string): readonly string[] {
  const committed = new Set(schemaElements(committedSdl).map(({ path, removalDate }) => `${path} ${removalDate}`))
  return schemaElements(currentSdl)
    .filter(({ reason }) => reason !== undefined)
    .filter(
      ({ path, removalDate }) =>
        removalDate === undefined || (removalDate < today && !committed.has(`${path} ${removalDate}`)),
    )
    .map(({ path, reason }) => `${path}: ${JSON.stringify(reason)}`)
}
