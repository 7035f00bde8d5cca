import type { VariableValues } from '@graphql-tools/utils'
import type {
  FieldNode,
  FragmentDefinitionNode,
  GraphQLField,
  GraphQLFieldResolver,
  GraphQLObjectType,
  GraphQLSchema,
  OperationDefinitionNode,
} from 'graphql'
import type { Path } from './path.ts'

/** Collected fields of a selection set, for one object type. */
export interface Selection {
  readonly fields: readonly PlannedField[]
  /** False if a response key is `__proto__`. The response object is then created without a prototype. */
  readonly allowsPlainObject: boolean
}

export interface PlannedField {
  readonly key: string
  readonly name: string
  readonly nodes: FieldNode[]
  readonly parentType: GraphQLObjectType
  readonly definition: GraphQLField<unknown, unknown>
  /** Id from `ArgumentIds`. If the field takes no arguments, the id is 0. */
  readonly argsId: number
  /** Null for the default resolver, which reads the property with the name of the field. */
  readonly resolve: GraphQLFieldResolver<unknown, unknown> | null
  /** Value of the field `__typename`. Null if the field has a different name. */
  readonly typename: string | null
  readonly takesArguments: boolean
  readonly isNonNull: boolean
  readonly isLeaf: boolean
  readonly complete: Completer
  selection(type: GraphQLObjectType, variables: VariableValues): Selection
}

/** `CompleteValue` of the GraphQL specification. Leaves need no `path`, because the caller locates their errors. */
export type Completer = (
  execution: ExecutionContext,
  field: PlannedField,
  path: Path | undefined,
  value: unknown,
) => unknown

export interface ExecutionContext {
  readonly schema: GraphQLSchema
  readonly operation: OperationDefinitionNode
  readonly fragments: Record<string, FragmentDefinitionNode>
  readonly variables: VariableValues
  readonly context: unknown
  readonly rootValue: unknown
  completeObject(field: PlannedField, type: GraphQLObjectType, path: Path | undefined, value: unknown): unknown
  /** If `isNonNull` is true, throws the error. Otherwise adds the error to the response and returns null. */
  handleError(error: unknown, nodes: readonly FieldNode[], path: Path, isNonNull: boolean): null
}
