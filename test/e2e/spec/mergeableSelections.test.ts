import {
  buildSchema,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  parse,
  validate,
} from 'graphql'
import { semanticToStrict } from 'graphql-sock'
import { describe, expect, it } from 'vitest'
import { apiSdl } from '../../../src/graphql/schema.ts'

const clientSchema = buildSchema(apiSdl())
/** The schema of clients with `@semanticNonNull`: semantically non-null fields are non-null. */
const schemas: ReadonlyArray<readonly [string, GraphQLSchema]> = [
  ['of the API', clientSchema],
  ['with non-null types for `@semanticNonNull`', semanticToStrict(clientSchema)],
]

/**
 * The part of an output type that must be equal for two fields in one place: the lists, non-nulls and the leaf type. In
 * the strict schema, fields with child fields differ only in types that cannot be selected in one place.
 */
function responseShapes(schema: GraphQLSchema): ReadonlyMap<string, ReadonlySet<string>> {
  const shapes = new Map<string, Set<string>>()
  for (const type of Object.values(schema.getTypeMap())) {
    if (!(isObjectType(type) || isInterfaceType(type)) || type.name.startsWith('__')) continue
    for (const { name, type: fieldType } of Object.values(type.getFields())) {
      const named = getNamedType(fieldType)
      if (!isLeafType(named) && schema !== clientSchema) continue
      const shape = isLeafType(named) ? String(fieldType) : String(fieldType).replace(named.name, 'Object')
      shapes.set(name, (shapes.get(name) ?? new Set()).add(shape))
    }
  }
  return shapes
}

describe.each(schemas)('selections of several types in the schema %s', (_title, schema) => {
  it('every output field name except `status` has one type and nullability, so that selections merge', () => {
    const conflicts = [...responseShapes(schema)].filter(([, { size }]) => size > 1).map(([name]) => name)
    expect(conflicts).toEqual(['status'])
  })

  it('a query may select `sid`, `duration` and dates of several types in one place', () => {
    const fields = 'sid accountSid uri dateCreated dateUpdated'
    const document = parse(`query ($ids: [ID!]!) { nodes(ids: $ids) {
      ... on Account { sid uri dateCreated dateUpdated } ... on Conference { ${fields} account { sid } }
      ... on Call { ${fields} duration } ... on Recording { ${fields} callSid duration } ... on Participant { callSid uri }
    } }`)
    expect(validate(schema, document)).toEqual([])
  })
})
