import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Vite would load graphql's ES module, but Node loads the CommonJS module for Yoga. `instanceof GraphQLError` would
  // be false for errors of the second module. With this path, Vite also loads the CommonJS module.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/secretScanSetup.ts'],
    // The limits end hanging tests only. No test may pass or fail by the speed of the machine.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    // With isolation, each test file would reload all modules. No test leaves state in a module, so isolation is off.
    isolate: false,
    // Many tests wait for processes, Redis or timers, so only a third worker keeps two CPU cores busy.
    maxWorkers: 3,
  },
})
