import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Vite would load graphql's ES module while Yoga gets the CommonJS module from Node: two GraphQLError classes, and
  // `instanceof` false between them. With the same path for both, only the CommonJS module is loaded.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/secretScanSetup.ts'],
    testTimeout: 20_000,
    // Reloading all modules for each file takes half as long as the tests. No test leaves state in a module.
    isolate: false,
    // Many tests wait for processes, Redis or timers. Vitest starts two workers on two cores; a third keeps both busy.
    maxWorkers: 3,
    // Shared CI machines may pause for seconds. A repeated failure has a different cause.
    retry: process.env.CI ? 2 : 0,
  },
})
