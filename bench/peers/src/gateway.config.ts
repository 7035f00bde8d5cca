import { defineConfig } from '@graphql-hive/gateway'

/** Hive Gateway runs with its defaults, but without landing page and GraphiQL, and logs errors only. */
export const gatewayConfig = defineConfig({
  landingPage: false,
  graphiql: false,
  logging: 'error',
})
