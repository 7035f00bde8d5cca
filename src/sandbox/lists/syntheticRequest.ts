import { API_VERSION } from '../rows/newRows.ts'
import type { RowStore } from '../rows/rowStore.ts'
import type { ListFields } from './envelope.ts'
import type { ListKind } from './envelopeRace.ts'

/** A first page of another account's or room's list, for a sandbox that was asked for one list only. */
export const inventedRival = (rows: RowStore, kind: ListKind, own: ListFields): ListFields => {
  const page = { page: 0, pageSize: 50 }
  for (const { sid } of rows.accounts()) {
    const account = `/${API_VERSION}/Accounts/${sid}`
    if (kind === 'participants') {
      const room = rows.conferencesOf(sid).find(conference => !own.uri.includes(conference.sid))
      if (room === undefined) continue
      const total = rows.callsIn(room.sid).filter(call => call.status === 'in-progress').length
      return { ...page, total, uri: `${account}/Conferences/${room.sid}/Participants` }
    }
    if (own.uri.includes(sid)) continue
    return kind === 'conferences'
      ? { ...page, total: rows.conferencesOf(sid).length, uri: `${account}/Conferences` }
      : { ...page, total: rows.callsOf(sid).length, uri: `${account}/Calls` }
  }
  return { page: 0, pageSize: own.pageSize + 1, total: own.total + 1, uri: own.uri }
}
