import type { GraphQLObjectType, GraphQLResolveInfo } from 'graphql'

/** Path of a value in the response, as a linked list from the value to the root. */
export type Path = GraphQLResolveInfo['path']

export function pathToArray(path: Path): (string | number)[] {
  const keys: (string | number)[] = []
  for (let at: Path | undefined = path; at !== undefined; at = at.prev) keys.push(at.key)
  return keys.reverse()
}

export function fieldPath(
  parent: Path | undefined,
  { key, parentType }: { readonly key: string; readonly parentType: GraphQLObjectType },
): Path {
  return { prev: parent, key, typename: parentType.name }
}
