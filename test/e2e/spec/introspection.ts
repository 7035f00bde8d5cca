import { buildClientSchema, type GraphQLSchema, getIntrospectionQuery, type IntrospectionQuery } from 'graphql'
import type { TestGateway } from '../../support/gateway.ts'

/** Builds the client schema from an introspection query. */
export async function introspect(gateway: TestGateway): Promise<GraphQLSchema> {
  const { data } = await gateway.query(getIntrospectionQuery({ specifiedByUrl: true }))
  return buildClientSchema(data as IntrospectionQuery)
}
