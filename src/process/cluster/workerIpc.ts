import cluster from 'node:cluster'
import type { MetricsSnapshot } from '../../observability/metrics/aggregate.ts'
import type { PrimaryLink } from '../runGateway.ts'
import type { Shutdown } from '../shutdown.ts'
import { send, type ToWorker } from './messages.ts'

/** How long the primary may take to say what all have counted. Milliseconds. */
const PATIENCE = 5_000

/** Null in a process that is no worker. */
export const joinPrimary = (): PrimaryLink | null => {
  const { worker } = cluster
  if (worker === undefined) return null
  let count: (() => Promise<MetricsSnapshot>) | null = null
  let shutdown: Shutdown | null = null
  /** What it was told before there was anything to stop. */
  const untold: ((shutdown: Shutdown) => void)[] = []
  let asked = 0
  const questions = new Map<number, (text: string) => void>()

  const counted = async (round: number | null): Promise<void> => {
    if (count !== null) await send(worker, { kind: 'counted', round, snapshot: await count() })
  }
  const tell = (order: (shutdown: Shutdown) => void): void => {
    if (shutdown === null) untold.push(order)
    else order(shutdown)
  }
  const heed = (message: ToWorker): void => {
    if (message.kind === 'stop') tell(given => given.start(message.signal))
    else if (message.kind === 'hand over') tell(given => given.startReplaced())
    else if (message.kind === 'count') void counted(message.round)
    else questions.get(message.question)?.(message.text)
  }
  // From the start: Node drops what is said while nobody listens, and whoever asks for metrics may come before `obey`.
  worker.on('message', heed)
  return {
    isFirst: worker.id === 1,
    clusterMetrics: {
      register: snapshot => {
        count = snapshot
      },
      exposition: async () => {
        const question = asked++
        const answer = Promise.withResolvers<string>()
        const late = setTimeout(() => answer.reject(new Error('The primary does not answer.')), PATIENCE)
        questions.set(question, answer.resolve)
        void send(worker, { kind: 'expose', question })
        try {
          return await answer.promise
        } finally {
          clearTimeout(late)
          questions.delete(question)
        }
      },
    },
    onServing: given => {
      shutdown = given
      // Node would end this process at once, with whatever is under way.
      worker.on('disconnect', () => {
        worker.exitedAfterDisconnect = true
        given.start(null)
      })
      void send(worker, { kind: 'serving' })
      for (const order of untold.splice(0)) order(given)
    },
    flushMetrics: () => counted(null),
    disconnect: () => {
      worker.disconnect()
    },
  }
}
