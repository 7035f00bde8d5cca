import { defineConfig } from 'vitest/config'
import base from './vitest.config.ts'

// Runs the tests that need a browser. The timeouts are long enough for a busy machine.
export default defineConfig({
  ...base,
  test: {
    globalSetup: ['test/support/secretScanSetup.ts'],
    include: ['test/browser/**/*.browser.ts'],
    testTimeout: 90_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    // The editor's auto-completion inserts wrong words if a CI machine pauses during typing, so CI repeats tests.
    retry: process.env.CI ? 2 : 0,
  },
})
