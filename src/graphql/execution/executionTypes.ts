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
  /** False if a response key is `__proto__`: the response object then has no prototype. */
  readonly allowsPlainObject: boolean
}

export interface PlannedField {
  readonly key: string
  readonly name: string
  readonly nodes: FieldNode[]
  readonly parentType: GraphQLObjectType
  readonly definition: GraphQLField<unknown, unknown>
  /** Equal for equal arguments of the same field definition; 0 without arguments. See `ArgumentIds`. */
  readonly argsId: number
  /** Null for the default resolver, which reads the property with the name of the field. */
  readonly resolve: GraphQLFieldResolver<unknown, unknown> | null
  /** Null unless the field is `__typename`. */
  readonly typename: string | null
  readonly takesArguments: boolean
  readonly isNonNull: boolean
  readonly isLeaf: boolean
  readonly complete: Completer
  selection(type: GraphQLObjectType, variables: VariableValues): Selection
}

/** `CompleteValue` of the specification. `path` is undefined for leaves: their errors get the path of the field. */
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
  /** Records an error and returns null for the field; throws if the field is non-null. */
  handleError(error: unknown, nodes: readonly FieldNode[], path: Path, isNonNull: boolean): null
}
