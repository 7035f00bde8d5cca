import { getNamedType, isInterfaceType, isLeafType, isObjectType, parse, validate } from 'graphql'
import { describe, expect, it } from 'vitest'
import { createSchema, toClientSchema } from '../../../src/graphql/schema.ts'

const schema = createSchema()

/** The part of an output type that must be equal for two fields in one place: the lists, non-nulls and the leaf type. */
function responseShapes(): ReadonlyMap<string, ReadonlySet<string>> {
  const shapes = new Map<string, Set<string>>()
  for (const type of Object.values(toClientSchema(schema).getTypeMap())) {
    if (!(isObjectType(type) || isInterfaceType(type)) || type.name.startsWith('__')) continue
    for (const { name, type: fieldType } of Object.values(type.getFields())) {
      const named = getNamedType(fieldType)
      const shape = isLeafType(named) ? String(fieldType) : String(fieldType).replace(named.name, 'Object')
      shapes.set(name, (shapes.get(name) ?? new Set()).add(shape))
    }
  }
  return shapes
}

describe('selections of several types', () => {
  it('every output field name except `status` has one type and nullability, so that selections merge', () => {
    const conflicts = [...responseShapes()].filter(([, { size }]) => size > 1).map(([name]) => name)
    expect(conflicts).toEqual(['status'])
  })

  it('a query may select `sid`, `duration` and dates of several types in one place', () => {
    const fields = 'sid accountSid uri dateCreated dateUpdated'
    const document = parse(`query ($ids: [ID!]!) { nodes(ids: $ids) {
      ... on Account { sid dateCreated } ... on Conference { ${fields} account { sid } }
      ... on Call { ${fields} duration } ... on Recording { ${fields} callSid duration } ... on Participant { callSid }
    } }`)
    expect(validate(schema, document)).toEqual([])
  })
})
