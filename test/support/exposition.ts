export type Labels = Readonly<Record<string, string>>

export interface Sample {
  readonly name: string
  readonly labels: Labels
  readonly value: number
}

export interface Family {
  readonly name: string
  readonly help: string
  readonly type: string
  readonly samples: readonly Sample[]
}

const HELP = /^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (\S.*)$/
const TYPE = /^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram|summary|untyped)$/
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (NaN|[+-]Inf|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"(?:,|$)/

/** Reads the text format of Prometheus, version 0.0.4, and throws at whatever is not exactly that. */
export const parseExposition = (text: string): ReadonlyMap<string, Family> => {
  if (!text.endsWith('\n')) throw new Error('The last line has no end.')
  const families = new Map<string, Family & { samples: Sample[] }>()
  let current: (Family & { samples: Sample[] }) | undefined
  let help: RegExpExecArray | null = null
  for (const line of text.split('\n')) {
    if (line === '') continue
    if (line.startsWith('# HELP')) {
      help = HELP.exec(line)
      if (help === null) throw new Error(`Bad help: ${line}`)
    } else if (line.startsWith('# TYPE')) {
      const [, name = '', type = ''] = TYPE.exec(line) ?? []
      if (help?.[1] !== name) throw new Error(`No help for: ${line}`)
      if (families.has(name)) throw new Error(`Twice: ${line}`)
      current = { name, type, help: help[2] ?? '', samples: [] }
      families.set(name, current)
    } else {
      const sample = sampleOf(line)
      if (current === undefined || !belongs(sample.name, current)) throw new Error(`Of no family: ${line}`)
      current.samples.push(sample)
    }
  }
  for (const family of families.values()) checkFamily(family)
  return families
}

const sampleOf = (line: string): Sample => {
  const [, name = '', inBraces = '', value = ''] = SAMPLE.exec(line) ?? []
  if (name === '') throw new Error(`No sample: ${line}`)
  const labels: Record<string, string> = {}
  for (let rest = inBraces; rest !== ''; ) {
    const [whole = '', label = '', text = ''] = LABEL.exec(rest) ?? []
    if (whole === '' || label in labels) throw new Error(`Bad labels: ${line}`)
    labels[label] = text
    rest = rest.slice(whole.length)
  }
  return { name, labels, value: Number(value.replace('Inf', 'Infinity')) }
}

const belongs = (sample: string, { name, type }: Family): boolean =>
  type === 'histogram' ? ['_bucket', '_sum', '_count'].some(part => sample === name + part) : sample === name

const checkFamily = ({ name, type, samples }: Family): void => {
  const keys = samples.map(sample => `${sample.name} ${JSON.stringify(Object.entries(sample.labels).sort())}`)
  if (new Set(keys).size !== keys.length) throw new Error(`${name} has a sample twice.`)
  if (type === 'counter' && samples.some(({ value }) => !(value >= 0))) throw new Error(`${name} counts below zero.`)
  if (type === 'histogram') checkHistogram(name, samples)
}

const checkHistogram = (name: string, samples: readonly Sample[]): void => {
  const keyOf = ({ labels: { le: _le, ...others } }: Sample) => JSON.stringify(Object.entries(others).sort())
  for (const series of Map.groupBy(samples, keyOf).values()) {
    const buckets = series.filter(sample => sample.name === `${name}_bucket`)
    const counts = buckets.map(({ value }) => value)
    const bounds = buckets.map(({ labels }) => Number((labels.le ?? '').replace('Inf', 'Infinity')))
    const isRising = (numbers: readonly number[]) =>
      numbers.every((each, i) => i === 0 || each >= (numbers[i - 1] ?? 0))
    const count = series.find(sample => sample.name === `${name}_count`)?.value
    if (!isRising(counts) || !isRising(bounds)) throw new Error(`${name} has buckets that do not rise.`)
    if (bounds.at(-1) !== Number.POSITIVE_INFINITY || counts.at(-1) !== count) throw new Error(`${name} has no end.`)
  }
}

/** The sum of the samples of a metric that have these labels; 0 where there are none. */
export const sumOf = (families: ReadonlyMap<string, Family>, sample: string, labels: Labels = {}): number =>
  [...families.values()]
    .flatMap(({ samples }) => samples)
    .filter(({ name }) => name === sample)
    .filter(each => Object.entries(labels).every(([label, value]) => each.labels[label] === value))
    .reduce((sum, { value }) => sum + value, 0)
