import { Redis } from 'ioredis'
import { onTestFinished } from 'vitest'
import type { Sandbox } from '../../src/sandbox/index.ts'
import { waitUntil } from './waitUntil.ts'

const IDLE_POLLS = 5

/**
 * Counts the polls of a conference and the states published in Redis until the end of the test. Only a leader publishes
 * its polls, so the numbers differ if a follower polls as well.
 */
export class PollCounter {
  readonly #sandbox: Sandbox
  readonly #conferenceSid: string
  #publishedStates = 0

  constructor(sandbox: Sandbox, redisUrl: string, conferenceSid: string) {
    this.#sandbox = sandbox
    this.#conferenceSid = conferenceSid
    const subscriber = new Redis(redisUrl)
    onTestFinished(() => subscriber.disconnect())
    // A test may stop Redis. The client reconnects and subscribes again.
    subscriber.on('error', () => undefined)
    subscriber.on('pmessage', (_pattern, _channel, text: string) => {
      // The name of the channel does not show the conference.
      if (text.startsWith('{"kind":"state"') && text.includes(conferenceSid)) this.#publishedStates++
    })
    // The test may end before the reply.
    subscriber.psubscribe('*:watch:*').catch(() => undefined)
  }

  /** Every poll of a running conference lists the participants. Queries for a conference do not. */
  get polls(): number {
    const path = `/Conferences/${this.#conferenceSid}/Participants`
    return this.#sandbox.requests.filter(request => request.path.endsWith(path)).length
  }

  /**
   * Resolves when a leader publishes all polls during `act`, which needs several polls. A replica on a busy machine may
   * poll for a moment because Redis seems unavailable, so `act` is repeated if there were other polls.
   */
  async waitForSinglePoller(act: () => Promise<unknown> = () => this.#waitForPublishedStates(IDLE_POLLS)) {
    const hasSinglePoller = async () => {
      const [polls, publishedStates] = [this.polls, this.#publishedStates]
      await act()
      // The state of the last poll may not be published yet.
      return this.polls - polls <= this.#publishedStates - publishedStates + 1
    }
    await waitUntil(hasSinglePoller, 'a single replica polls')
  }

  async #waitForPublishedStates(count: number): Promise<void> {
    const end = this.#publishedStates + count
    await waitUntil(() => this.#publishedStates >= end, `the leader publishes ${count} states`)
  }
}
