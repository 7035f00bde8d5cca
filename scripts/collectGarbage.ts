/** Preloaded into a measured process: SIGUSR2 forces a full garbage collection. Needs `--expose-gc`. */
process.on('SIGUSR2', () => {
  globalThis.gc?.()
})
