import type { WorkloadName } from '../src/workloads.ts'
import { serveHttp, type WorkloadRequest } from './httpServer.ts'
import { ACCOUNTS_PATH } from './restcomm.ts'
import { upstreamGet } from './upstreamGet.ts'

// Returns the upstream's responses unchanged, in a JSON array. Q3 and Q5 parse the list to find running conferences.

function readConference({ variables: { account, sid }, authorization }: WorkloadRequest) {
  return upstreamGet(`${ACCOUNTS_PATH}/${account}/Conferences/${sid}`, authorization)
}

function readConferences({ variables: { account }, authorization }: WorkloadRequest, query: string) {
  return upstreamGet(`${ACCOUNTS_PATH}/${account}/Conferences?${query}`, authorization)
}

async function asArray(text: Promise<string>) {
  return [await text]
}

function deepPage(request: WorkloadRequest) {
  return asArray(readConferences(request, `Page=${(request.variables.offset ?? 0) / 20}&PageSize=20`))
}

async function conferencesWithParticipants(request: WorkloadRequest) {
  const conferences = await readConferences(request, 'Page=0&PageSize=50')
  const running = (JSON.parse(conferences) as { conferences: { sid: string; status: string }[] }).conferences.filter(
    ({ status }) => status !== 'COMPLETED',
  )
  const path = `${ACCOUNTS_PATH}/${request.variables.account}/Conferences`
  const participants = await Promise.all(
    running.map(({ sid }) => upstreamGet(`${path}/${sid}/Participants`, request.authorization)),
  )
  return [conferences, ...participants]
}

const plans: Readonly<Record<WorkloadName, (request: WorkloadRequest) => Promise<readonly string[]>>> = {
  Q1: request => asArray(readConference(request)),
  Q2: request => asArray(readConferences(request, 'Page=0&PageSize=50')),
  Q3: conferencesWithParticipants,
  Q4: request => asArray(readConference(request)),
  Q5: conferencesWithParticipants,
  Q6: deepPage,
  Q6s: deepPage,
  Q7: request => asArray(readConferences(request, 'Page=0&PageSize=100')),
}

serveHttp(async request => `[${(await plans[request.operationName](request)).join(',')}]`)
