import type { GraphQLObjectType, GraphQLResolveInfo } from 'graphql'

/** Where a value stands in the answer, from the inside out. */
export type Path = GraphQLResolveInfo['path']

export const pathToArray = (path: Path): (string | number)[] => {
  const keys: (string | number)[] = []
  for (let at: Path | undefined = path; at !== undefined; at = at.prev) keys.push(at.key)
  return keys.reverse()
}

/** Where a field of the object at `parent` stands. */
export const pathBelow = (
  parent: Path | undefined,
  { key, parentType }: { readonly key: string; readonly parentType: GraphQLObjectType },
): Path => ({ prev: parent, key, typename: parentType.name })
