import { defineConfig } from 'vitest/config'
import base from './vitest.config.ts'

// Runs the tests that need a browser. The timeouts are long enough for a busy machine.
export default defineConfig({
  ...base,
  test: {
    globalSetup: ['test/support/secretScanSetup.ts'],
    include: ['test/browser/**/*.browser.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
  },
})
