import { fileURLToPath } from 'node:url'
import { defineConfig } from '@graphql-mesh/compose-cli'
import { loadOpenAPISubgraph } from '@omnigraph/openapi'

/** Generates the schema from openapi.json and adds `Conference.participants`, which OpenAPI cannot describe. */
export const composeConfig = defineConfig({
  subgraphs: [
    {
      sourceHandler: loadOpenAPISubgraph('restcomm', {
        source: fileURLToPath(new URL('openapi.json', import.meta.url)),
        endpoint: `${process.env.RESTCOMM_URL}/2012-04-24`,
        operationHeaders: { authorization: '{context.headers.authorization}', accept: 'application/json' },
      }),
    },
  ],
  additionalTypeDefs: /* GraphQL */ `
    extend type Conference {
      participants: ParticipantList
        @resolveTo(
          sourceName: "restcomm"
          sourceTypeName: "Query"
          sourceFieldName: "participants"
          requiredSelectionSet: "{ sid account_sid }"
          sourceArgs: { account: "{root.account_sid}", sid: "{root.sid}" }
        )
    }
  `,
})
