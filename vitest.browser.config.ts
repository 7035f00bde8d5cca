import { defineConfig } from 'vitest/config'
import base from './vitest.config.ts'

// Apart from the other tests, which need no browser. The times are for a machine that is busy with something else.
export default defineConfig({
  ...base,
  test: {
    globalSetup: ['test/support/searchWritten.ts'],
    include: ['test/browser/**/*.browser.ts'],
    testTimeout: 90_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    // The editor completes words while they are typed, and on a machine that stands still for a moment completes others.
    retry: process.env.CI ? 2 : 0,
  },
})
