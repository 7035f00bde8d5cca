import { API_VERSION } from '../rows/newRows.ts'
import type { RowStore } from '../rows/rowStore.ts'
import type { EnvelopeFields } from './envelope.ts'
import type { ListKind } from './envelopeMismatchSimulator.ts'

/** Invents the fields of a concurrent request. Avoids the list of `fields` if the sandbox has a second list. */
export function syntheticEnvelopeFields(rows: RowStore, kind: ListKind, fields: EnvelopeFields): EnvelopeFields {
  const page = { page: 0, pageSize: 50 }
  for (const { sid } of rows.accounts()) {
    const account = `/${API_VERSION}/Accounts/${sid}`
    if (kind === 'participants') {
      const conference = rows.conferencesOf(sid).find(conference => !fields.uri.includes(conference.sid))
      if (conference === undefined) continue
      const total = rows.callsIn(conference.sid).filter(call => call.status === 'in-progress').length
      return { ...page, total, uri: `${account}/Conferences/${conference.sid}/Participants` }
    }
    if (fields.uri.includes(sid)) continue
    return kind === 'conferences'
      ? { ...page, total: rows.conferencesOf(sid).length, uri: `${account}/Conferences` }
      : { ...page, total: rows.callsOf(sid).length, uri: `${account}/Calls` }
  }
  return { page: 0, pageSize: fields.pageSize + 1, total: fields.total + 1, uri: fields.uri }
}
