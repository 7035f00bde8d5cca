/** Values of OTEL_TRACES_SAMPLER. `parentbased_` samplers follow the sampled flag of the client's `traceparent`. */
export const SAMPLERS = [
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
  'always_on',
  'always_off',
  'traceidratio',
] as const

export function isCollectorUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password, hash } = new URL(text)
  return ['http:', 'https:'].includes(protocol) && username === '' && password === '' && hash === ''
}

const HEADER_PATTERN = /^\s*([\w!#$%&'*.^`|~+-]+)\s*=\s*([\x21-\x2b\x2d-\x7e]*)\s*$/

export function isHeaderList(text: string): boolean {
  return text.split(',').every(part => {
    const [, , value] = HEADER_PATTERN.exec(part) ?? []
    return value !== undefined && isDecodableHeaderValue(value)
  })
}

function isDecodableHeaderValue(value: string): boolean {
  try {
    return !/[\r\n\0]/.test(decodeURIComponent(value))
  } catch {
    return false
  }
}

/** Expects a text accepted by `isHeaderList`. */
export function parseHeaders(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text.split(',').map(part => {
      const [, name = '', value = ''] = HEADER_PATTERN.exec(part) ?? []
      return [name, decodeURIComponent(value)]
    }),
  )
}

/** Returns the URL for the trace exporter; null turns tracing off. If only `endpoint` is set, appends /v1/traces. */
export function tracesUrl(tracesEndpoint: string | undefined, endpoint: string | undefined): string | null {
  if (tracesEndpoint !== undefined) return tracesEndpoint
  return endpoint === undefined ? null : `${endpoint.replace(/\/+$/, '')}/v1/traces`
}
