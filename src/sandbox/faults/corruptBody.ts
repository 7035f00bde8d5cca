import type { Json } from '../http/response.ts'
import type { Random } from '../random.ts'
import { pick } from '../random.ts'

type Place = readonly (string | number)[]

/** The JSON with one of its values, anywhere in it, of another type than it has. Null stays null: it has none. */
export const withWrongType = (json: Json, random: Random): Json => {
  const place = pick(random, leavesOf(json))
  return place === undefined ? json : replaced(json, place)
}

const leavesOf = (json: Json, place: Place = []): Place[] => {
  if (json === null || json === undefined) return []
  if (typeof json !== 'object') return [place]
  return Object.entries(json).flatMap(([name, value]) =>
    leavesOf(value, [...place, Array.isArray(json) ? Number(name) : name]),
  )
}

const replaced = (json: Json, [name, ...inner]: Place): Json => {
  if (name === undefined) return otherwise(json)
  if (Array.isArray(json)) return json.map((value, i) => (i === name ? replaced(value, inner) : value))
  const members = json as { readonly [name: string]: Json }
  return { ...members, [name]: replaced(members[name], inner) }
}

const otherwise = (leaf: Json): Json => {
  switch (typeof leaf) {
    case 'string':
      return 7
    case 'number':
      return {}
    default:
      return ['yes']
  }
}

/** The rows of a list again and again, until the whole is so long; of what is no list, one text that is. */
export const inflated = (json: Json, bytes: number): Json => {
  if (Array.isArray(json)) return repeated(json, bytes)
  const members = json as { readonly [name: string]: Json }
  const list = Object.entries(members).find(([, value]) => Array.isArray(value) && value.length > 0)
  return list === undefined
    ? { ...members, padding: 'x'.repeat(bytes) }
    : { ...members, [list[0]]: repeated(list[1] as readonly Json[], bytes) }
}

const repeated = (rows: readonly Json[], bytes: number): readonly Json[] => {
  const times = Math.ceil(bytes / Math.max(2, JSON.stringify(rows).length))
  return Array.from({ length: times }, () => rows).flat()
}
