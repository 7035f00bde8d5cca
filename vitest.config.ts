import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Vite would load graphql's ES module beside the CommonJS one that Yoga gets from Node: two GraphQLError classes,
  // and `instanceof` false between them. One path for both keeps one copy.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/searchWritten.ts'],
    testTimeout: 20_000,
    // Loading the modules anew for each file would take as long as half of the tests: no test leaves anything in them.
    isolate: false,
    // Many of these wait for processes, for Redis or for a clock: one more than Vitest takes for two cores keeps these busy.
    maxWorkers: 3,
    // Where the machine is somebody else's, a clock may stand still for seconds: what fails once more is not that.
    retry: process.env.CI ? 2 : 0,
  },
})
