/**
 * Loaded ahead of the gateway by `node --import`. On SIGUSR2 a promise is rejected that nobody waits for; on SIGHUP
 * something is thrown that nobody catches.
 */
const secret = `Basic ${Buffer.from('AC0:a-token-that-must-not-be-seen').toString('base64')}`
const mistake = () => new Error(`of nobody's, with authorization: ${secret} for https://user:password@127.0.0.1/`)

process.on('SIGUSR2', () => {
  void Promise.reject(mistake())
})
process.on('SIGHUP', () => {
  throw mistake()
})
