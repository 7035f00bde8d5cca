import type { Json, Reply } from '../http/response.ts'
import { Refusal } from '../http/response.ts'
import { readEnvelope } from '../lists/envelope.ts'
import type { ListKind } from '../lists/envelopeRace.ts'
import { inventedRival } from '../lists/syntheticRequest.ts'
import type { PageRequest } from '../lists/pageRequest.ts'
import type { Exchange } from './endpointContext.ts'

interface List<Row> {
  kind: ListKind
  request: PageRequest
  total: number
  rows: readonly Row[]
  encode: (row: Row) => Json
}

/** A page and its envelope. The rows are always the right ones; the envelope is, unless the race says otherwise. */
export const listReply = <Row extends { sid: string }>(exchange: Exchange, list: List<Row>): Reply => {
  const { kind, request, total, rows } = list
  const own = { total, page: request.page, pageSize: request.pageSize, uri: exchange.uri }
  const interference = exchange.race.interfere(kind, own, () => inventedRival(exchange.rows, kind, own))
  if (interference === 'server error') throw new Refusal(500)
  const envelope = readEnvelope(interference === 'none' ? () => own : interference, {
    dialect: exchange.settings.dialect,
    sids: rows.map(row => row.sid),
    limit: request.limit,
    missingRow: interference === 'none' ? 'fails' : 'is the last',
  })
  const member = kind === 'conferences' ? 'conferences' : 'calls'
  return {
    status: 200,
    json: { ...envelope, [member]: rows.map(list.encode) },
    escapesHtml: kind !== 'conferences',
    rowsSent: rows.length,
  }
}
