import { defineConfig } from '@graphql-hive/gateway'

/** Hive Gateway as it comes, with nothing on that measures or explores. */
export const gatewayConfig = defineConfig({
  landingPage: false,
  graphiql: false,
  logging: 'error',
})
