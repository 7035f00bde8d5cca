import {
  type ASTVisitor,
  type DirectiveNode,
  type DocumentNode,
  type ExecutionArgs,
  GraphQLError,
  getOperationAST,
  Kind,
  type ValidationContext,
  valueFromASTUntyped,
  visit,
} from 'graphql'
import { refusal } from '../requestError.ts'
import { VariableValues } from '../rawVariables.ts'

/**
 * How many elements of a list come at once is a whole number that is not negative. The schema's `Int` allows more, and the
 * executor takes it for a mistake of its own.
 */
export const initialCountsRule = (context: ValidationContext): ASTVisitor => ({
  Directive: directive => {
    if (!isStream(directive)) return
    const value = directive.arguments?.find(({ name }) => name.value === 'initialCount')?.value
    // Those of variables are known when it is run.
    if (value === undefined || value.kind === Kind.VARIABLE) return
    const count = valueFromASTUntyped(value)
    if (isNone(count)) context.reportError(new GraphQLError(messageOf(count), { nodes: directive }))
  },
})

/** Why an operation cannot be run with these variables; null where it can. */
export const initialCountRefusal = (args: ExecutionArgs): GraphQLError | null => {
  const { document, operationName, variableValues } = args
  const streams = streamsIn(document)
  const operation = streams.length === 0 ? null : getOperationAST(document, operationName)
  if (!operation) return null
  const values = new VariableValues(operation, variableValues)
  for (const stream of streams) {
    const count = values.argument(stream, 'initialCount')
    if (isNone(count) && values.argument(stream, 'if') !== false) return refusal('BAD_USER_INPUT', messageOf(count))
  }
  return null
}

const isStream = ({ name }: DirectiveNode): boolean => name.value === 'stream'

/** What is no number at all is refused by its type. */
const isNone = (count: unknown): boolean => count === null || (typeof count === 'number' && count < 0)

const messageOf = (count: unknown): string => `\`initialCount\` of \`@stream\` is ${count}, and must be 0 or more.`

/** Documents come again and again, and are parsed once. */
const known = new WeakMap<DocumentNode, readonly DirectiveNode[]>()

const streamsIn = (document: DocumentNode): readonly DirectiveNode[] => {
  const before = known.get(document)
  if (before !== undefined) return before
  const streams: DirectiveNode[] = []
  visit(document, {
    Directive: directive => {
      if (isStream(directive)) streams.push(directive)
    },
  })
  known.set(document, streams)
  return streams
}
