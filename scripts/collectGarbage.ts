/** SIGUSR2 forces a full garbage collection in the measured process. Needs `--expose-gc`. */
process.on('SIGUSR2', () => {
  globalThis.gc?.()
})
