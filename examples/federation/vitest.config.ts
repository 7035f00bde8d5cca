import { defineConfig } from 'vitest/config'

export default defineConfig({
  // One path to graphql, as ../../vitest.config.ts says why.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: { include: ['test/**/*.test.ts'], testTimeout: 20_000, hookTimeout: 60_000 },
})
