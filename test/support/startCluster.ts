import { parseExposition, sumOf } from './exposition.ts'
import { type MainProcess, runMain } from './mainProcess.ts'
import { waitUntil } from './waitUntil.ts'
import { workerPids } from './workerPids.ts'

/** Time limit for steps which start several processes. */
const START_TIMEOUT_MS = 240_000

export interface Cluster {
  readonly gateway: MainProcess
  readonly url: string
  /** The PIDs of the running workers. */
  workers(): readonly number[]
  /** Reads the metrics of all workers. Each call uses a new connection, so that any worker can receive the request. */
  metrics(): Promise<ReturnType<typeof parseExposition>>
  /** Waits until two workers run which include none of `replaced`, and the metrics count exactly these workers. */
  waitForReplacement(replaced: readonly number[]): Promise<void>
}

/** Starts a gateway with two workers. Resolves when both workers serve. */
export async function startCluster(settings: Readonly<Record<string, string>>): Promise<Cluster> {
  const gateway = runMain([], { PORT: '0', WORKERS: '2', ...settings })
  const [, link = ''] = await gateway.waitForOutput(/GraphQL\s+(http:\/\/\S+\/graphql)/)
  const url = link.replace('localhost', '127.0.0.1')
  const metricsUrl = new URL('/metrics', url)
  if (settings.METRICS_PORT !== undefined) metricsUrl.port = settings.METRICS_PORT
  const workers = () => workerPids(gateway.pid)
  const metrics = async () =>
    parseExposition(await (await fetch(metricsUrl, { headers: { connection: 'close' } })).text())
  await gateway.waitForLog(/("msg":"serving".*){2}/s)
  return {
    gateway,
    url,
    workers,
    metrics,
    waitForReplacement: async replaced => {
      const areReplaced = () => workers().length === 2 && !workers().some(pid => replaced.includes(pid))
      await waitUntil(areReplaced, `the workers ${replaced} are replaced`, START_TIMEOUT_MS)
      let serving = 0
      const areServing = async () => {
        serving = sumOf(await metrics(), 'restcomm_graphql_processes')
        return serving === 2
      }
      await waitUntil(areServing, 'the metrics count 2 workers').catch(error => {
        throw new Error(`${error instanceof Error ? error.message : error} Last: ${serving}.`)
      })
    },
  }
}

/** Returns the structured log lines of `stderr`. */
export function logLines(stderr: string): readonly { readonly pid: number; readonly msg: string }[] {
  return stderr
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line))
}
