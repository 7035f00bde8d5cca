import type { Conference, ConferenceKey } from '../model.ts'
import type { RestcommClient } from '../restcomm/client.ts'
import { eachAlone } from './eachAlone.ts'

/** By owning account and SID; null for an unknown one. */
export const conferenceLoader = (client: RestcommClient) =>
  eachAlone<ConferenceKey, Conference | null>(client.conference, nameOf)

const nameOf = ({ accountSid, sid }: ConferenceKey): string => `${accountSid}/${sid}`

export type ConferenceLoader = ReturnType<typeof conferenceLoader>
