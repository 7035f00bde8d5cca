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
import { RawVariables } from '../rawVariables.ts'
import { requestError } from '../requestError.ts'

/** Rejects a count of null or below 0, because the executor would report an internal error. */
export function initialCountRule(context: ValidationContext): ASTVisitor {
  return {
    Directive: directive => {
      if (!isStreamDirective(directive)) return
      const value = directive.arguments?.find(({ name }) => name.value === 'initialCount')?.value
      // Variables have no values during validation. `initialCountError` checks the values before execution.
      if (value === undefined || value.kind === Kind.VARIABLE) return
      const count = valueFromASTUntyped(value)
      if (isInvalidCount(count)) {
        context.reportError(new GraphQLError(invalidCountMessage(count), { nodes: directive }))
      }
    },
  }
}

/** Checks counts given as variables. Returns null if all counts are valid. */
export function initialCountError(args: ExecutionArgs): GraphQLError | null {
  const { document, operationName, variableValues } = args
  const streams = findStreamDirectives(document)
  const operation = streams.length === 0 ? null : getOperationAST(document, operationName)
  if (!operation) return null
  const variables = new RawVariables(operation, variableValues)
  for (const stream of streams) {
    const count = variables.argumentValue(stream, 'initialCount')
    if (isInvalidCount(count) && variables.argumentValue(stream, 'if') !== false) {
      return requestError('BAD_USER_INPUT', invalidCountMessage(count))
    }
  }
  return null
}

function isStreamDirective({ name }: DirectiveNode): boolean {
  return name.value === 'stream'
}

/** Returns false for values of a wrong type, because GraphQL.js reports wrong types. */
function isInvalidCount(count: unknown): boolean {
  return count === null || (typeof count === 'number' && count < 0)
}

function invalidCountMessage(count: unknown): string {
  return `\`initialCount\` of \`@stream\` is ${count}: expected an integer of 0 or more.`
}

const streamDirectives = new WeakMap<DocumentNode, readonly DirectiveNode[]>()

function findStreamDirectives(document: DocumentNode): readonly DirectiveNode[] {
  const cached = streamDirectives.get(document)
  if (cached !== undefined) return cached
  const directives: DirectiveNode[] = []
  visit(document, {
    Directive: directive => {
      if (isStreamDirective(directive)) directives.push(directive)
    },
  })
  streamDirectives.set(document, directives)
  return directives
}
