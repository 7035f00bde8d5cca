/**
 * Preloaded into a gateway by `node --import`. SIGUSR2 causes an unhandled rejection; SIGHUP, an uncaught exception.
 * Both errors contain credentials, which must not appear in the log.
 */
const secret = `Basic ${Buffer.from('AC0:a-token-that-must-not-be-seen').toString('base64')}`
const leakyError = () => new Error(`test error with authorization: ${secret} for https://user:password@127.0.0.1/`)

process.on('SIGUSR2', () => {
  void Promise.reject(leakyError())
})
process.on('SIGHUP', () => {
  throw leakyError()
})
