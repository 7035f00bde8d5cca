import { useDeferStream } from '@graphql-yoga/plugin-defer-stream'
import {
  type ASTNode,
  type ASTVisitor,
  type DirectiveNode,
  type ExecutionArgs,
  type FieldNode,
  GraphQLError,
  getOperationAST,
  Kind,
  print,
  type ValidationContext,
  type ValidationRule,
} from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { userInputError } from '../../userInputError.ts'
import { type AnalyzeDocument, toSingleResultDocument } from '../analyzeDocument.ts'
import { RawVariables } from '../rawVariables.ts'
import type { ServerContext } from '../requestContext.ts'

const OVERLAPPING_FIELDS_RULE = 'OverlappingFieldsCanBeMergedRule'

/**
 * Validation rules for `@defer` and `@stream`. Yoga's plugin also adds an old copy of
 * `OverlappingFieldsCanBeMergedRule`. The copy is removed, because the copy takes seconds for a query of 5,000 tokens
 * and reports conflicts twice. `streamRule` replaces the check of `@stream` in the copy.
 */
export const INCREMENTAL_RULES: readonly ValidationRule[] = [
  streamRule,
  ...rulesAddedBy(useDeferStream()).filter(({ name }) => name !== OVERLAPPING_FIELDS_RULE),
]

/**
 * Validates `@defer` and `@stream`. Yoga checks the `Accept` header only after execution. Therefore both directives are
 * removed before execution if the client accepts no incremental media type, and a subscription is rejected with status
 * 406 unless the client accepts an event stream.
 */
export function useIncrementalDelivery(analyzeDocument: AnalyzeDocument): Plugin<ServerContext> {
  return {
    onValidate: ({ addValidationRule }) => {
      for (const rule of INCREMENTAL_RULES) addValidationRule(rule)
    },
    onExecute: ({ args, context, executeFn, setExecuteFn }) => {
      const analysis = analyzeDocument(args.document)
      if (analysis.incrementalParts === 0) return
      if (context.acceptedTypes?.incremental === null) {
        const document = toSingleResultDocument(args.document)
        setExecuteFn(executionArgs => executeFn({ ...executionArgs, document }))
      } else {
        setExecuteFn(withCountCheck(analysis.streamDirectives, executeFn))
      }
    },
    onSubscribe: ({ args, context, subscribeFn, setSubscribeFn, setResultAndStopExecution }) => {
      if (context.acceptedTypes?.subscription === null) {
        const message =
          'The `Accept` header excludes `text/event-stream`: subscriptions require this media type, or a WebSocket.'
        setResultAndStopExecution({ errors: [userInputError('NOT_ACCEPTABLE', message)] })
      } else {
        setSubscribeFn(withCountCheck(analyzeDocument(args.document).streamDirectives, subscribeFn))
      }
    },
  }
}

/** Checks the values of `initialCount` which are given as variables. Variables have no values during validation. */
function withCountCheck<Result>(directives: readonly DirectiveNode[], execute: (args: ExecutionArgs) => Result) {
  return (args: ExecutionArgs) => {
    const operation = getOperationAST(args.document, args.operationName)
    const variables = operation ? new RawVariables(operation, args.variableValues) : NO_VARIABLES
    for (const directive of directives) {
      const problem = initialCountProblem(directive, variables)
      if (problem !== null && variables.argumentValue(directive, 'if') !== false) {
        return { errors: [userInputError('BAD_USER_INPUT', problem)] }
      }
    }
    return execute(args)
  }
}

const NO_VARIABLES = new RawVariables({}, null)

/**
 * Returns a message for a count of null or below 0, because the executor would report an internal error. Returns null
 * for values of a wrong type, because GraphQL.js reports wrong types.
 */
function initialCountProblem(stream: DirectiveNode, variables: RawVariables): string | null {
  const count = variables.argumentValue(stream, 'initialCount')
  const isInvalid = count === null || (typeof count === 'number' && count < 0)
  return isInvalid ? `\`initialCount\` of \`@stream\` is ${count}: expected an integer of 0 or more.` : null
}

function rulesAddedBy({ onValidate }: Plugin): readonly ValidationRule[] {
  const rules: ValidationRule[] = []
  const addValidationRule = (rule: ValidationRule) => rules.push(rule)
  onValidate?.({ params: {}, addValidationRule } as unknown as Parameters<typeof onValidate>[0])
  return rules
}

/**
 * Checks the literals of `initialCount`. Fields with equal response keys must have equal `@stream` directives, which
 * GraphQL.js does not compare.
 */
function streamRule(context: ValidationContext): ASTVisitor {
  const report = (message: string, ...nodes: ASTNode[]) => context.reportError(new GraphQLError(message, { nodes }))
  return {
    Directive: directive => {
      const problem = directive.name.value === 'stream' ? initialCountProblem(directive, NO_VARIABLES) : null
      if (problem !== null) report(problem, directive)
    },
    SelectionSet: ({ selections }) => {
      const fieldsByKey = new Map<string, FieldNode>()
      for (const selection of selections) {
        if (selection.kind !== Kind.FIELD) continue
        const key = (selection.alias ?? selection.name).value
        const first = fieldsByKey.get(key) ?? selection
        fieldsByKey.set(key, first)
        if (printStreamDirective(first) === printStreamDirective(selection)) continue
        // The message has the same wording as conflicts reported by GraphQL.js.
        const message =
          `Fields "${key}" conflict because they have differing stream directives. ` +
          'Use different aliases on the fields to fetch both if this was intentional.'
        report(message, first, selection)
      }
    },
  }
}

function printStreamDirective({ directives = [] }: FieldNode): string | null {
  const stream = directives.find(({ name }) => name.value === 'stream')
  return stream === undefined ? null : print(stream)
}
