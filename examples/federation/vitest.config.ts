import { defineConfig } from 'vitest/config'

export default defineConfig({
  // One path to graphql, as ../../vitest.config.ts says why.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  // Most of the time is for starting: each file waits for processes of its own, or for one large module after the other.
  test: { include: ['test/**/*.test.ts'], testTimeout: 20_000, hookTimeout: 60_000, maxWorkers: 3 },
})
