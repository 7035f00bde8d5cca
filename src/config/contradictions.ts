import { isIPv4 } from 'node:net'
import type { Given, Name, Settings } from './settings.ts'

/** Whether only this machine can reach what listens there. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))

/** What is wrong with settings that are right one by one. Of those in `wrong`, `set` has the defaults. */
export const contradictions = (set: Settings, given: Given, wrong: readonly Name[]): string[] => {
  const problems: string[] = []
  const { RESTCOMM_URL: url, RESTCOMM_ACCOUNT_SID: sid, RESTCOMM_AUTH_TOKEN: token } = given
  if ((sid === undefined) !== (token === undefined)) {
    const [is, isNot] = sid === undefined ? ['AUTH_TOKEN', 'ACCOUNT_SID'] : ['ACCOUNT_SID', 'AUTH_TOKEN']
    problems.push(`RESTCOMM_${is} is set and RESTCOMM_${isNot} is not; set both, or neither.`)
  }
  if ((sid !== undefined || token !== undefined) && url === undefined) {
    problems.push('RESTCOMM_URL is not set, so there is no Restcomm that the credentials could be for.')
  }
  if (sid !== undefined && !isLoopback(set.HOST) && given.API_KEY_HASHES === undefined) {
    problems.push(
      `HOST=${set.HOST} would let anybody use the credentials in RESTCOMM_ACCOUNT_SID: set API_KEY_HASHES as well, ` +
        'listen on 127.0.0.1, or leave the credentials to the callers.',
    )
  }
  const sizesAreRight = !wrong.includes('DEFAULT_PAGE_SIZE') && !wrong.includes('MAX_PAGE_SIZE')
  if (sizesAreRight && set.DEFAULT_PAGE_SIZE > set.MAX_PAGE_SIZE) {
    problems.push(`DEFAULT_PAGE_SIZE (${set.DEFAULT_PAGE_SIZE}) is more than MAX_PAGE_SIZE (${set.MAX_PAGE_SIZE}).`)
  }
  if (given.METRICS_PORT !== undefined && !set.METRICS && !wrong.includes('METRICS_PORT')) {
    problems.push(`METRICS is false, so there is nothing that METRICS_PORT=${given.METRICS_PORT} could be for.`)
  }
  if (given.METRICS_HOST !== undefined && given.METRICS_PORT === undefined) {
    problems.push(`METRICS_HOST is set and METRICS_PORT is not: with the graph's port, metrics have its host as well.`)
  }
  if (set.METRICS_PORT === set.PORT && set.PORT !== 0 && !wrong.includes('PORT')) {
    problems.push(`METRICS_PORT and PORT are both ${set.PORT}; leave METRICS_PORT out to serve both there.`)
  }
  return problems
}
