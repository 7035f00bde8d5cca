import { authenticationProblems } from './authCrossChecks.ts'
import type { Given, Name, Settings } from './settings.ts'

/** What is wrong with settings that are right one by one. Of those in `wrong`, `set` has the defaults. */
export const contradictions = (set: Settings, given: Given, wrong: readonly Name[]): string[] => {
  const problems = authenticationProblems(set, given)
  const sizesAreRight = !wrong.includes('DEFAULT_PAGE_SIZE') && !wrong.includes('MAX_PAGE_SIZE')
  if (sizesAreRight && set.DEFAULT_PAGE_SIZE > set.MAX_PAGE_SIZE) {
    problems.push(`DEFAULT_PAGE_SIZE (${set.DEFAULT_PAGE_SIZE}) is more than MAX_PAGE_SIZE (${set.MAX_PAGE_SIZE}).`)
  }
  const rowsAreRight = !wrong.includes('MAX_SORTED_ROWS') && !wrong.includes('MAX_QUERY_SORTED_ROWS')
  if (rowsAreRight && set.MAX_SORTED_ROWS > set.MAX_QUERY_SORTED_ROWS) {
    problems.push(
      `MAX_SORTED_ROWS (${set.MAX_SORTED_ROWS}) is more than MAX_QUERY_SORTED_ROWS (${set.MAX_QUERY_SORTED_ROWS}).`,
    )
  }
  if (set.WORKERS !== 1 && given.RESTCOMM_URL === undefined) {
    problems.push(
      `WORKERS is ${set.WORKERS} and RESTCOMM_URL is not set: each worker would embed a Restcomm of its own.`,
    )
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
  const timesAreRight = !wrong.includes('SHUTDOWN_DELAY_MS') && !wrong.includes('SHUTDOWN_TIMEOUT_MS')
  if (timesAreRight && set.SHUTDOWN_DELAY_MS >= set.SHUTDOWN_TIMEOUT_MS) {
    problems.push(
      `SHUTDOWN_DELAY_MS (${set.SHUTDOWN_DELAY_MS}) leaves nothing of SHUTDOWN_TIMEOUT_MS (${set.SHUTDOWN_TIMEOUT_MS}).`,
    )
  }
  return problems
}
