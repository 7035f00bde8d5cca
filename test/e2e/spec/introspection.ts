import { buildClientSchema, type GraphQLSchema, getIntrospectionQuery, type IntrospectionQuery } from 'graphql'
import type { TestGateway } from '../../support/gateway.ts'

/** The schema as a client learns it: asked of the gateway, and put together again. */
export const introspect = async (gateway: TestGateway): Promise<GraphQLSchema> => {
  const { data } = await gateway.query(getIntrospectionQuery({ specifiedByUrl: true }))
  return buildClientSchema(data as IntrospectionQuery)
}
