import { authProblems } from './authProblems.ts'
import type { RawSettings, SettingName, Settings } from './settings.ts'

/** Returns a message for each contradiction between settings. For `invalidNames`, `parsed` has the defaults. */
export function crossCheckSettings(parsed: Settings, raw: RawSettings, invalidNames: readonly SettingName[]): string[] {
  const areValid = (...names: readonly SettingName[]) => !names.some(name => invalidNames.includes(name))
  const problems = authProblems(parsed, raw)
  if (areValid('DEFAULT_PAGE_SIZE', 'MAX_PAGE_SIZE') && parsed.DEFAULT_PAGE_SIZE > parsed.MAX_PAGE_SIZE) {
    problems.push(
      `DEFAULT_PAGE_SIZE is ${parsed.DEFAULT_PAGE_SIZE}: expected at most MAX_PAGE_SIZE (${parsed.MAX_PAGE_SIZE}).`,
    )
  }
  if (areValid('MAX_SORTED_ROWS', 'MAX_QUERY_SORTED_ROWS') && parsed.MAX_SORTED_ROWS > parsed.MAX_QUERY_SORTED_ROWS) {
    problems.push(
      `MAX_SORTED_ROWS is ${parsed.MAX_SORTED_ROWS}: ` +
        `expected at most MAX_QUERY_SORTED_ROWS (${parsed.MAX_QUERY_SORTED_ROWS}).`,
    )
  }
  if (parsed.WORKERS !== 1 && raw.RESTCOMM_URL === undefined) {
    problems.push(
      `WORKERS is ${parsed.WORKERS} but RESTCOMM_URL is not set, so each worker would start a sandbox of its own: ` +
        'set RESTCOMM_URL, or set WORKERS to 1.',
    )
  }
  if (raw.METRICS_PORT !== undefined && !parsed.METRICS && areValid('METRICS_PORT')) {
    problems.push(
      `METRICS_PORT is ${raw.METRICS_PORT} but METRICS is false: remove METRICS_PORT, or set METRICS to true.`,
    )
  }
  if (raw.METRICS_HOST !== undefined && raw.METRICS_PORT === undefined) {
    problems.push(
      `METRICS_HOST is ${JSON.stringify(raw.METRICS_HOST)} but METRICS_PORT is not set: set METRICS_PORT as well, or ` +
        'remove METRICS_HOST to serve metrics at HOST and PORT.',
    )
  }
  if (parsed.METRICS_PORT === parsed.PORT && parsed.PORT !== 0 && areValid('PORT')) {
    problems.push(`METRICS_PORT and PORT are both ${parsed.PORT}: remove METRICS_PORT to serve metrics at PORT.`)
  }
  if (areValid('SHUTDOWN_DELAY_MS', 'SHUTDOWN_TIMEOUT_MS') && parsed.SHUTDOWN_DELAY_MS >= parsed.SHUTDOWN_TIMEOUT_MS) {
    problems.push(
      `SHUTDOWN_DELAY_MS is ${parsed.SHUTDOWN_DELAY_MS}: ` +
        `expected less than SHUTDOWN_TIMEOUT_MS (${parsed.SHUTDOWN_TIMEOUT_MS}).`,
    )
  }
  return problems
}
