import { defineConfig } from '@graphql-hive/gateway'

/** Hive Gateway with its defaults, without landing page and GraphiQL. */
export const gatewayConfig = defineConfig({
  landingPage: false,
  graphiql: false,
  logging: 'error',
})
