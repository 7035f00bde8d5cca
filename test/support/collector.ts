import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { recordOutput } from './secretScan.ts'

export interface CollectedSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | null
  readonly traceState: string | null
  readonly name: string
  readonly kind: 'internal' | 'server' | 'client' | 'other'
  readonly attributes: Readonly<Record<string, string | number>>
  readonly failed: boolean
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[]
  readonly start: bigint
  readonly end: bigint
}

export interface Collector {
  readonly url: string
  readonly bodies: readonly string[]
  readonly requests: readonly { readonly path: string; readonly headers: IncomingHttpHeaders }[]
  readonly spans: readonly CollectedSpan[]
  readonly services: readonly string[]
  close(): Promise<void>
}

interface Attribute {
  readonly key: string
  readonly value: { readonly stringValue?: string; readonly intValue?: number | string; readonly doubleValue?: number }
}

interface WireSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly traceState?: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: readonly Attribute[]
  readonly status: { readonly code?: number }
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[]
}

interface WireExport {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] }
    readonly scopeSpans: readonly { readonly spans: readonly WireSpan[] }[]
  }[]
}

const KINDS = ['other', 'internal', 'server', 'client'] as const

const attributesOf = (attributes: readonly Attribute[]) =>
  Object.fromEntries(
    attributes.map(({ key, value: { stringValue, intValue, doubleValue } }) => [
      key,
      stringValue ?? Number(intValue ?? doubleValue),
    ]),
  )

const spanOf = (wire: WireSpan): CollectedSpan => ({
  traceId: wire.traceId,
  spanId: wire.spanId,
  parentSpanId: wire.parentSpanId || null,
  traceState: wire.traceState || null,
  name: wire.name,
  kind: KINDS[wire.kind] ?? 'other',
  attributes: attributesOf(wire.attributes),
  failed: wire.status.code === 2,
  links: wire.links.map(({ traceId, spanId }) => ({ traceId, spanId })),
  start: BigInt(wire.startTimeUnixNano),
  end: BigInt(wire.endTimeUnixNano),
})

/** Starts a trace collector (OTLP over HTTP, reads only bodies of JSON) that answers every export with `status`. */
export async function startCollector(status = 200): Promise<Collector> {
  const bodies: string[] = []
  const requests: { path: string; headers: IncomingHttpHeaders }[] = []
  const spans: CollectedSpan[] = []
  const services: string[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks).toString('utf8')
    requests.push({ path: request.url ?? '', headers: request.headers })
    bodies.push(body)
    recordOutput('traces', body)
    const isJson = request.headers['content-type'] === 'application/json'
    const { resourceSpans } = isJson ? (JSON.parse(body) as WireExport) : { resourceSpans: [] }
    for (const { resource, scopeSpans } of resourceSpans) {
      services.push(String(attributesOf(resource.attributes)['service.name']))
      for (const scope of scopeSpans) spans.push(...scope.spans.map(spanOf))
    }
    response.writeHead(status, { 'content-type': 'application/json' }).end('{}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    requests,
    spans,
    services,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
