import { type ASTVisitor, type FieldNode, GraphQLError, Kind, print, type ValidationContext } from 'graphql'

/**
 * A field that is asked for twice in one selection is one in the answer, and so is streamed in one way. GraphQL.js compares
 * all else of such fields and does not know `@stream`.
 */
export const sameStreamsRule = (context: ValidationContext): ASTVisitor => ({
  SelectionSet: ({ selections }) => {
    const seen = new Map<string, FieldNode>()
    for (const selection of selections) {
      if (selection.kind !== Kind.FIELD) continue
      const key = (selection.alias ?? selection.name).value
      const first = seen.get(key)
      if (first === undefined) seen.set(key, selection)
      else if (streamOf(first) !== streamOf(selection)) context.reportError(differing(key, [first, selection]))
    }
  },
})

const streamOf = ({ directives = [] }: FieldNode): string | null => {
  const stream = directives.find(({ name }) => name.value === 'stream')
  return stream === undefined ? null : print(stream)
}

/** In the words of GraphQL.js. */
const differing = (key: string, nodes: readonly FieldNode[]): GraphQLError =>
  new GraphQLError(
    `Fields "${key}" conflict because they have differing stream directives. ` +
      'Use different aliases on the fields to fetch both if this was intentional.',
    { nodes },
  )
