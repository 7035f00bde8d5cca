import { type ASTVisitor, type FieldNode, GraphQLError, Kind, print, type ValidationContext } from 'graphql'

/** Fields with equal response keys must have equal `@stream` directives. GraphQL.js does not compare `@stream`. */
export function streamOverlapRule(context: ValidationContext): ASTVisitor {
  return {
    SelectionSet: ({ selections }) => {
      const fieldsByKey = new Map<string, FieldNode>()
      for (const selection of selections) {
        if (selection.kind !== Kind.FIELD) continue
        const key = (selection.alias ?? selection.name).value
        const first = fieldsByKey.get(key)
        if (first === undefined) fieldsByKey.set(key, selection)
        else if (printStreamDirective(first) !== printStreamDirective(selection)) {
          context.reportError(conflictError(key, [first, selection]))
        }
      }
    },
  }
}

function printStreamDirective({ directives = [] }: FieldNode): string | null {
  const stream = directives.find(({ name }) => name.value === 'stream')
  return stream === undefined ? null : print(stream)
}

/** The message has the same wording as conflicts reported by GraphQL.js. */
function conflictError(key: string, nodes: readonly FieldNode[]): GraphQLError {
  return new GraphQLError(
    `Fields "${key}" conflict because they have differing stream directives. ` +
      'Use different aliases on the fields to fetch both if this was intentional.',
    { nodes },
  )
}
