import type { Json, SandboxResponse } from '../http/response.ts'
import { HttpError } from '../http/response.ts'
import { buildEnvelope } from '../lists/envelope.ts'
import type { ListKind } from '../lists/envelopeMismatchSimulator.ts'
import type { ParsedPageRequest } from '../lists/pageRequest.ts'
import { syntheticEnvelopeFields } from '../lists/syntheticEnvelopeFields.ts'
import type { EndpointContext } from './endpointContext.ts'

interface List<Row> {
  kind: ListKind
  request: ParsedPageRequest
  total: number
  rows: readonly Row[]
  encode: (row: Row) => Json
}

/** Returns a page of rows with an envelope. The mismatch simulator can corrupt the envelope but never the rows. */
export function listResponse<Row extends { sid: string }>(context: EndpointContext, list: List<Row>): SandboxResponse {
  const { kind, request, total, rows } = list
  const fields = { total, page: request.page, pageSize: request.pageSize, uri: context.uri }
  const simulationResult = context.mismatchSimulator.simulate(kind, fields, () =>
    syntheticEnvelopeFields(context.rows, kind, fields),
  )
  if (simulationResult === 'server error') throw new HttpError(500)
  const envelope = buildEnvelope(simulationResult === 'none' ? () => fields : simulationResult, {
    dialect: context.settings.dialect,
    sids: rows.map(row => row.sid),
    limit: request.limit,
    onMissingRow: simulationResult === 'none' ? 'fail' : 'use last row',
  })
  const rowsKey = kind === 'conferences' ? 'conferences' : 'calls'
  return {
    status: 200,
    json: { ...envelope, [rowsKey]: rows.map(list.encode) },
    escapesHtml: kind !== 'conferences',
    rowsSent: rows.length,
  }
}
