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

/** Parses the Prometheus text format, version 0.0.4. Throws on any deviation from the format. */
export function parseExposition(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith('\n')) throw new Error(`The last line "${text.split('\n').at(-1)}" has no line feed.`)
  const families = new Map<string, Family & { samples: Sample[] }>()
  let current: (Family & { samples: Sample[] }) | undefined
  let help: RegExpExecArray | null = null
  for (const line of text.split('\n')) {
    if (line === '') continue
    if (line.startsWith('# HELP')) {
      help = HELP.exec(line)
      if (help === null) throw new Error(`Invalid HELP line: ${line}`)
    } else if (line.startsWith('# TYPE')) {
      const [, name = '', type = ''] = TYPE.exec(line) ?? []
      if (help?.[1] !== name) throw new Error(`TYPE line without HELP: ${line}`)
      if (families.has(name)) throw new Error(`Duplicate family: ${line}`)
      current = { name, type, help: help[2] ?? '', samples: [] }
      families.set(name, current)
    } else {
      const sample = parseSample(line)
      if (current === undefined || !isSampleOf(sample.name, current))
        throw new Error(`Sample outside its family: ${line}`)
      current.samples.push(sample)
    }
  }
  for (const family of families.values()) checkFamily(family)
  return families
}

const parseSample = (line: string): Sample => {
  const [, name = '', inBraces = '', value = ''] = SAMPLE.exec(line) ?? []
  if (name === '') throw new Error(`Invalid sample: ${line}`)
  const labels: Record<string, string> = {}
  for (let rest = inBraces; rest !== ''; ) {
    const [whole = '', label = '', text = ''] = LABEL.exec(rest) ?? []
    if (whole === '' || label in labels) throw new Error(`Invalid labels: ${line}`)
    labels[label] = text
    rest = rest.slice(whole.length)
  }
  return { name, labels, value: Number(value.replace('Inf', 'Infinity')) }
}

const isSampleOf = (sample: string, { name, type }: Family): boolean =>
  type === 'histogram' ? ['_bucket', '_sum', '_count'].some(part => sample === name + part) : sample === name

const checkFamily = ({ name, type, samples }: Family): void => {
  const keys = samples.map(sample => `${sample.name} ${JSON.stringify(Object.entries(sample.labels).sort())}`)
  if (new Set(keys).size !== keys.length) throw new Error(`${name} has duplicate samples.`)
  if (type === 'counter' && samples.some(({ value }) => !(value >= 0)))
    throw new Error(`${name} is a counter with a negative value.`)
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
    if (!isRising(counts) || !isRising(bounds)) throw new Error(`${name} has decreasing buckets.`)
    if (bounds.at(-1) !== Number.POSITIVE_INFINITY || counts.at(-1) !== count)
      throw new Error(`${name} has no +Inf bucket equal to its count.`)
  }
}

/** The sum of all samples with the name `sample` and the given labels; 0 if no sample matches. */
export function sumOf(families: ReadonlyMap<string, Family>, sample: string, labels: Labels = {}): number {
  return [...families.values()]
    .flatMap(({ samples }) => samples)
    .filter(({ name }) => name === sample)
    .filter(each => Object.entries(labels).every(([label, value]) => each.labels[label] === value))
    .reduce((sum, { value }) => sum + value, 0)
}
