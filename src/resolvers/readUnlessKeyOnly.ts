import { collectSubFields, memoize1 } from '@graphql-tools/utils'
import { type FieldNode, type GraphQLResolveInfo, getNamedType, isObjectType } from 'graphql'

/** Fields with known values. The value of an object field lists the known fields of the object. */
export interface KnownFields {
  readonly [field: string]: true | KnownFields
}

const ACCOUNT_KEY_FIELDS = { id: true, sid: true } as const

/** Fields known from the key without a read. Omits participants and recordings, which Restcomm finds only in lists. */
const KEY_FIELDS = {
  Account: ACCOUNT_KEY_FIELDS,
  Conference: { id: true, sid: true, accountSid: true, account: ACCOUNT_KEY_FIELDS },
  Call: { id: true, sid: true, accountSid: true },
} satisfies Record<string, KnownFields>

/** Skips the read if the selection needs only the key. Restcomm then checks neither existence nor permission. */
export async function readUnlessKeyOnly<Key extends object, Model extends Key>(
  type: keyof typeof KEY_FIELDS,
  key: Key,
  info: GraphQLResolveInfo,
  read: () => Promise<Model | null>,
): Promise<Model | null> {
  // The cast is safe, because the key contains all selected fields of the model.
  return selectsOnly(KEY_FIELDS[type], type, info) ? (key as Model) : read()
}

/** One object per request, because `collectSubFields` is memoised by identity: all objects of a list have equal fields. */
const withoutSources = memoize1((coerced: GraphQLResolveInfo['variableValues']) => ({ coerced, sources: {} }))

type Info = Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments' | 'schema' | 'variableValues'>

/** True if a field of type `typeName` has only known fields in its selection set, fragments included. */
export function selectsOnly(known: KnownFields, typeName: string, info: Info): boolean {
  const { schema, fragments, variableValues, fieldNodes } = info
  const type = schema.getType(typeName)
  if (!isObjectType(type)) return false
  const variables = withoutSources(variableValues)
  // The cast is safe, because the function does not modify the nodes.
  const { fields, patches } = collectSubFields(schema, fragments, variables, type, fieldNodes as FieldNode[])
  const selected = [fields, ...patches.map(patch => patch.fields)].flatMap(map => [...map.values()])
  return selected.every(nodes => {
    const name = nodes[0]?.name.value ?? ''
    if (name === '__typename') return true
    const knownValue = known[name]
    if (knownValue === undefined || knownValue === true) return knownValue === true
    const fieldType = getNamedType(type.getFields()[name]?.type)
    const fieldInfo = { schema, fragments, variableValues, fieldNodes: nodes }
    return fieldType !== undefined && selectsOnly(knownValue, fieldType.name, fieldInfo)
  })
}
