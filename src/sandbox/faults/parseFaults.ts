import { FAULT_KINDS, FaultInjector, type FaultSettings } from './faultInjector.ts'

export class FaultsError extends Error {
  override name = 'FaultsError'
}

const NUMERIC_SETTINGS = ['seed', 'latencyMs', 'trickleMs', 'hugeBytes'] as const

/** Parses the text of a faults file. Throws a `FaultsError` for invalid text. */
export function parseFaults(text: string): FaultSettings {
  const json = parseObject(text)
  const unknownSetting = Object.keys(json).find(
    name => name !== 'shares' && !NUMERIC_SETTINGS.some(setting => setting === name),
  )
  if (unknownSetting !== undefined)
    throw new FaultsError(
      `Unknown setting \`${unknownSetting}\` of faults: expected shares, ${NUMERIC_SETTINGS.join(', ')}.`,
    )
  const { shares } = json
  if (!isObject(shares)) {
    const given = shares === undefined ? 'missing' : JSON.stringify(shares)
    throw new FaultsError(`\`shares\` is ${given}: expected an object such as {"latency": 0.2, "reset": 0.05}.`)
  }
  const unknownKind = Object.keys(shares).find(kind => !FAULT_KINDS.some(faultKind => faultKind === kind))
  if (unknownKind !== undefined) {
    throw new FaultsError(`Unknown kind of fault \`${unknownKind}\`: expected ${FAULT_KINDS.join(', ')}.`)
  }
  for (const name of NUMERIC_SETTINGS) {
    const value = json[name]
    if (value !== undefined && !(typeof value === 'number' && value >= 0)) {
      throw new FaultsError(`\`${name}\` is ${JSON.stringify(value)}: expected a number of 0 or more.`)
    }
  }
  for (const [kind, share] of Object.entries(shares)) {
    if (typeof share !== 'number') {
      throw new FaultsError(`The share of \`${kind}\` is ${JSON.stringify(share)}: expected a number from 0 to 1.`)
    }
  }
  // The code above has checked all types. `set` checks the range and the sum of the shares.
  const settings = json as unknown as FaultSettings
  try {
    new FaultInjector().set(settings)
  } catch (error) {
    throw new FaultsError((error as Error).message)
  }
  return settings
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parseObject(text: string): Record<string, unknown> {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    const reason = (cause as Error).message
    throw new FaultsError(`The faults are not valid JSON (${reason}): expected an object with a member \`shares\`.`, {
      cause,
    })
  }
  if (!isObject(json)) {
    throw new FaultsError(`The faults are ${JSON.stringify(json)}: expected a JSON object with a member \`shares\`.`)
  }
  return json
}
