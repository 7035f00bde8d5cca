import type { WorkloadName } from '../src/workloads.ts'
import { type Asked, serve } from './door.ts'
import { get } from './get.ts'
import { API } from './restcomm.ts'

/** Passes the upstream's answers on as they are, in a JSON array, and reads only as much of them as it must. */

const one = ({ variables: { account, sid }, authorization }: Asked) =>
  get(`${API}/${account}/Conferences/${sid}`, authorization)

const list = ({ variables: { account }, authorization }: Asked, query: string) =>
  get(`${API}/${account}/Conferences?${query}`, authorization)

const alone = async (text: Promise<string>) => [await text]

const page = (asked: Asked) => alone(list(asked, `Page=${(asked.variables.offset ?? 0) / 20}&PageSize=20`))

const withParticipants = async (asked: Asked) => {
  const conferences = await list(asked, 'Page=0&PageSize=50')
  const running = (JSON.parse(conferences) as { conferences: { sid: string; status: string }[] }).conferences.filter(
    ({ status }) => status !== 'COMPLETED',
  )
  const { account } = asked.variables
  const participants = await Promise.all(
    running.map(({ sid }) => get(`${API}/${account}/Conferences/${sid}/Participants`, asked.authorization)),
  )
  return [conferences, ...participants]
}

const plans: Readonly<Record<WorkloadName, (asked: Asked) => Promise<readonly string[]>>> = {
  Q1: asked => alone(one(asked)),
  Q2: asked => alone(list(asked, 'Page=0&PageSize=50')),
  Q3: withParticipants,
  Q4: asked => alone(one(asked)),
  Q5: withParticipants,
  Q6: page,
  Q6s: page,
  Q7: asked => alone(list(asked, 'Page=0&PageSize=100')),
}

serve(async asked => `[${(await plans[asked.operationName](asked)).join(',')}]`)
