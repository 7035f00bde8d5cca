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

/** What is asked of an object of one type. */
export interface Selection {
  readonly fields: readonly PlannedField[]
  /** Whether a plain object may hold its answer: the name `__proto__` would be lost. */
  readonly isPlain: boolean
}

/** A field of a selection, with what can be known of it before there is an object. */
export interface PlannedField {
  /** Its name in the answer. */
  readonly key: string
  readonly name: string
  readonly nodes: FieldNode[]
  readonly parentType: GraphQLObjectType
  readonly definition: GraphQLField<unknown, unknown>
  /** The same for all fields of a plan that are given the same arguments in the same words; none of its own without any. */
  readonly number: number
  /** Null where the object is asked for what it has by the field's name. */
  readonly resolve: GraphQLFieldResolver<unknown, unknown> | null
  /** What `__typename` is; null for other fields. */
  readonly typename: string | null
  readonly takesArguments: boolean
  readonly isNonNull: boolean
  readonly isLeaf: boolean
  readonly complete: Complete
  /** What is asked of its objects of one type. */
  selection(type: GraphQLObjectType, variables: VariableValues): Selection
}

/**
 * Makes of what a field came to that which is answered. Throws, or rejects, where it must not be so. `path` is that of the
 * value; a leaf has none, since only its error would want it.
 */
export type Complete = (run: Running, field: PlannedField, path: Path | undefined, value: unknown) => unknown

/** A run, as its fields see it. */
export interface Running {
  readonly schema: GraphQLSchema
  readonly operation: OperationDefinitionNode
  readonly fragments: Record<string, FragmentDefinitionNode>
  readonly variables: VariableValues
  readonly context: unknown
  readonly rootValue: unknown
  /** What is asked of an object that a field has come to. */
  object(field: PlannedField, type: GraphQLObjectType, path: Path | undefined, value: unknown): unknown
  /** Tells of an error. Null, which is answered in its place; or throws it, where there must be something. */
  fail(error: unknown, nodes: readonly FieldNode[], path: Path, isNonNull: boolean): null
}
