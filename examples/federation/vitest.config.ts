import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Vite must load the same graphql module as Node. The comment on `alias` in ../../vitest.config.ts has the reason.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  // Each test file starts processes and loads large gateways, so the timeouts are long and files run in parallel.
  test: { include: ['test/**/*.test.ts'], testTimeout: 20_000, hookTimeout: 60_000, maxWorkers: 3 },
})
