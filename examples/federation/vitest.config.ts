import { defineConfig } from 'vitest/config'

export default defineConfig({
  // The same path to graphql for Vite and Node; ../../vitest.config.ts has the reason.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  // Each file starts processes and loads large gateways, which takes most of the time.
  test: { include: ['test/**/*.test.ts'], testTimeout: 20_000, hookTimeout: 60_000, maxWorkers: 3 },
})
