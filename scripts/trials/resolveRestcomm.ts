import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'

// Preloaded by the replicas of a trial. Replicas share data in Redis only if all have the same RESTCOMM_URL. The host
// name of the URL resolves to a different loopback address in each replica, so that a proxy per replica can fail.

const address = process.env.TRIAL_RESTCOMM_ADDRESS ?? '127.0.0.1'
const { lookup } = dns

Object.assign(dns, {
  lookup: (host: string, ...rest: unknown[]) =>
    Reflect.apply(lookup, dns, [host === 'restcomm.test' ? address : host, ...rest]),
})
syncBuiltinESMExports()
