/** The settings that OpenTelemetry names. Those with `parentbased_` go by the client's own decision, where it made one. */
export const SAMPLERS = [
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
  'always_on',
  'always_off',
  'traceidratio',
] as const

export const isCollectorUrl = (text: string): boolean => {
  if (!URL.canParse(text)) return false
  const { protocol, username, password, hash } = new URL(text)
  return ['http:', 'https:'].includes(protocol) && username === '' && password === '' && hash === ''
}

const HEADER = /^\s*([\w!#$%&'*.^`|~+-]+)\s*=\s*([\x21-\x2b\x2d-\x7e]*)\s*$/

export const isHeaderList = (text: string): boolean =>
  text.split(',').every(part => {
    const [, , value] = HEADER.exec(part) ?? []
    return value !== undefined && isEncoded(value)
  })

const isEncoded = (value: string): boolean => {
  try {
    return !/[\r\n\0]/.test(decodeURIComponent(value))
  } catch {
    return false
  }
}

/** Of a list that `isHeaderList` found to be one. */
export const parseHeaders = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    text.split(',').map(part => {
      const [, name = '', value = ''] = HEADER.exec(part) ?? []
      return [name, decodeURIComponent(value)]
    }),
  )

/** Where traces go: to an address of their own, or below the one for everything; null where there is none. */
export const tracesUrl = (own: string | undefined, general: string | undefined): string | null => {
  if (own !== undefined) return own
  return general === undefined ? null : `${general.replace(/\/+$/, '')}/v1/traces`
}
