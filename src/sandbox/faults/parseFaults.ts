import { FAULT_KINDS, type FaultSettings, Faults } from './faults.ts'

/** The faults could not be read; the message says what is wrong. */
export class FaultsError extends Error {
  override name = 'FaultsError'
}

const NUMBERS = ['seed', 'latencyMs', 'trickleMs', 'hugeBytes'] as const

/** Faults from the text of a JSON file. Throws a `FaultsError`. */
export const parseFaults = (text: string): FaultSettings => {
  const json = objectOf(text)
  const stray = Object.keys(json).find(name => name !== 'shares' && !NUMBERS.some(known => known === name))
  if (stray !== undefined) throw new FaultsError(`There is no setting \`${stray}\` of faults.`)
  const { shares } = json
  if (!isObject(shares)) throw new FaultsError('`shares` must be an object: a share, 0 to 1, for each kind.')
  const unknown = Object.keys(shares).find(kind => !FAULT_KINDS.some(known => known === kind))
  if (unknown !== undefined) {
    throw new FaultsError(`There is no kind of fault \`${unknown}\`; there are ${FAULT_KINDS.join(', ')}.`)
  }
  for (const name of NUMBERS) {
    const value = json[name]
    if (value !== undefined && !(typeof value === 'number' && value >= 0)) {
      throw new FaultsError(`\`${name}\` must be a number, 0 or more.`)
    }
  }
  if (Object.values(shares).some(share => typeof share !== 'number')) {
    throw new FaultsError('The shares of the faults must be numbers.')
  }
  // Checked member by member above.
  const settings = json as unknown as FaultSettings
  try {
    new Faults().set(settings)
  } catch (error) {
    throw new FaultsError((error as Error).message)
  }
  return settings
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const objectOf = (text: string): Record<string, unknown> => {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new FaultsError(`The faults are not JSON: ${(cause as Error).message}`, { cause })
  }
  if (!isObject(json)) throw new FaultsError('The faults must be an object with `shares`.')
  return json
}
