import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Vite would load graphql's ES module, but Node loads the CommonJS module for Yoga. `instanceof GraphQLError` would
  // be false for errors of the second module. With this path, Vite also loads the CommonJS module.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/secretScanSetup.ts'],
    testTimeout: 20_000,
    // With isolation, each test file would reload all modules. No test leaves state in a module, so isolation is off.
    isolate: false,
    // Many tests wait for processes, Redis or timers, so only a third worker keeps two CPU cores busy.
    maxWorkers: 3,
    // Shared CI machines may pause for seconds, so CI repeats failed tests. Repeated failures have a different cause.
    retry: process.env.CI ? 2 : 0,
  },
})
