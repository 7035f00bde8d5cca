import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { parseRows, startSandbox } from '../../../src/sandbox/index.ts'
import { ConferenceStream, sandboxState } from '../../support/conferenceStream.ts'
import { fixture } from '../../support/fixtures.ts'
import { accountOf, basic } from '../../support/gateway.ts'
import { TEST_SECRET } from '../../support/gatewaySecret.ts'
import { runMain } from '../../support/mainProcess.ts'
import { nodeIdOf } from '../../support/nodeId.ts'
import { PollCounter } from '../../support/pollCounter.ts'
import { sendQuery } from '../../support/replicas.ts'
import { hasRedis, type RedisServer, startRedis } from '../../support/startRedis.ts'
import { waitUntil, waitUntilEqual } from '../../support/waitUntil.ts'

const ROWS = parseRows(fixture('rows.json'))
const account = accountOf('part').sid

let redis: RedisServer
beforeAll(async () => {
  if (hasRedis) redis = await startRedis()
})
afterAll(() => redis?.kill())

async function startSandboxWithConference() {
  const sandbox = await startSandbox({ rows: ROWS })
  onTestFinished(() => sandbox.close())
  const { sid } = sandbox.rows.addConference({ account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' })
  return {
    sandbox,
    sid,
    join: () => sandbox.rows.addCall({ account_sid: account, conference_sid: sid }).sid,
    state: () => sandboxState(sandbox, sid),
  }
}

/** Starts a gateway process. `watch` subscribes to the conference and waits for the snapshot. */
async function startProcess(restcommUrl: string, conferenceSid: string, redisUrl: string) {
  const gateway = runMain([], {
    PORT: '0',
    RESTCOMM_URL: restcommUrl,
    REDIS_URL: redisUrl,
    GATEWAY_SECRET: TEST_SECRET,
    LIVE_POLL_INTERVAL_MS: '50',
    SHUTDOWN_DELAY_MS: '0',
  })
  const [, url = ''] = await gateway.waitForOutput(/GraphQL\s+(http:\/\/\S+\/graphql)/)
  const watch = async () => {
    const stream = new ConferenceStream(url, basic('part'), nodeIdOf('Conference', account, conferenceSid))
    await waitUntil(() => stream.events.length > 0, 'the subscriber receives the snapshot')
    return stream
  }
  return { ...gateway, url, watch }
}

/** Starts two gateway processes, each with a subscriber. The first process leads. */
async function startPair() {
  const conference = await startSandboxWithConference()
  const start = () => startProcess(conference.sandbox.url, conference.sid, redis.url)
  const [leader, follower] = await Promise.all([start(), start()])
  const streams = [await leader.watch(), await follower.watch()] as const
  return { ...conference, leader, follower, streams }
}

describe.skipIf(!hasRedis)('gateway processes with one Redis', () => {
  it('one of two gateway processes polls, the other takes over after a kill, and subscribers receive each event once', async () => {
    const { sandbox, sid, leader, streams, join, state } = await startPair()
    const [streamOfLeader, stream] = streams
    const counter = new PollCounter(sandbox, redis.url, sid)
    await counter.waitForSinglePoller()
    const callers: string[] = []
    await counter.waitForSinglePoller(async () => {
      for (let i = 0; i < 5; i++) {
        const caller = join()
        callers.push(caller)
        const hasJoined = (stream: ConferenceStream) => stream.joinedCallSids.includes(caller)
        await waitUntil(() => streams.every(hasJoined), 'both subscribers receive the participant')
        sandbox.rows.updateCall(caller, { muted: true })
        await waitUntilEqual(
          () => streams.map(({ replayedState }) => replayedState),
          () => [state(), state()],
          'both subscribers receive the change of the participant',
        )
      }
    })
    expect(streamOfLeader.joinedCallSids).toEqual(callers)

    leader.signal('SIGKILL')
    await leader.exited
    callers.push(join(), join())
    sandbox.rows.updateCall(callers[0] ?? '', { muted: false })
    await waitUntilEqual(() => stream.replayedState, state, 'the subscriber receives the changes since the kill')
    callers.push(join())
    await waitUntilEqual(() => stream.replayedState, state, 'the subscriber receives the last participant')
    for (const call of sandbox.rows.callsIn(sid)) sandbox.rows.finishCall(call.sid)
    sandbox.rows.updateConference(sid, { status: 'COMPLETED' })
    await waitUntil(() => stream.hasEnded, 'the stream ends with the conference')
    expect(stream.replayedState).toEqual({ status: 'COMPLETED', participants: [] })
    expect(stream.joinedCallSids.toSorted()).toEqual(callers.toSorted())
    expect(stream.events.filter(({ __typename }) => __typename === 'ConferenceSnapshot')).toHaveLength(1)
    expect(stream.codes).toEqual([])
  })

  it('a follower takes over when the leader is stopped', async () => {
    const { leader, streams, join, state } = await startPair()
    const [streamOfLeader, stream] = streams
    leader.signal('SIGTERM')
    await waitUntil(() => streamOfLeader.hasEnded, 'the leader completes the stream of its subscriber')
    join()
    await waitUntilEqual(() => stream.replayedState, state, 'the subscriber of the follower receives the participant')
    expect((await leader.exited).code).toBe(0)
  })

  it('a gateway starts and serves without Redis, and logs the failure without the password', async () => {
    const stopped = await startRedis()
    await stopped.kill()
    const redisUrl = stopped.url.replace('redis://', 'redis://:a-password-that-must-not-be-seen@')
    const { sandbox, sid } = await startSandboxWithConference()
    const gateway = await startProcess(sandbox.url, sid, redisUrl)
    const answer = await sendQuery(gateway.url, basic('part'), `{ conference(sid: "${sid}") { status } }`)
    expect(answer).toEqual({ data: { conference: { status: 'RUNNING_MODERATOR_PRESENT' } } })
    await gateway.watch()
    await gateway.waitForLog(/ECONNREFUSED/)
    gateway.signal('SIGTERM')
    const { code, stdout, stderr } = await gateway.exited
    expect(code).toBe(0)
    expect(`${stdout}${stderr}`).not.toContain('a-password-that-must-not-be-seen')
  })
})
