import type { Json } from '../http/response.ts'
import type { Random } from '../random.ts'
import { pick } from '../random.ts'

type JsonPath = readonly (string | number)[]

/** Replaces a random value by a value of a wrong type. Skips null and undefined. */
export function changeOneType(json: Json, random: Random): Json {
  const path = pick(random, leafPaths(json))
  return path === undefined ? json : replaceLeaf(json, path)
}

function leafPaths(json: Json, path: JsonPath = []): JsonPath[] {
  if (json === null || json === undefined) return []
  if (typeof json !== 'object') return [path]
  return Object.entries(json).flatMap(([name, value]) =>
    leafPaths(value, [...path, Array.isArray(json) ? Number(name) : name]),
  )
}

function replaceLeaf(json: Json, [name, ...inner]: JsonPath): Json {
  if (name === undefined) return valueOfWrongType(json)
  if (Array.isArray(json)) return json.map((value, i) => (i === name ? replaceLeaf(value, inner) : value))
  const members = json as { readonly [name: string]: Json }
  return { ...members, [name]: replaceLeaf(members[name], inner) }
}

function valueOfWrongType(leaf: Json): Json {
  switch (typeof leaf) {
    case 'string':
      return 7
    case 'number':
      return {}
    default:
      return ['yes']
  }
}

/** Repeats the rows of a list up to about `bytes` bytes. An object without rows gets a string of `bytes` characters. */
export function inflateJson(json: Json, bytes: number): Json {
  if (Array.isArray(json)) return repeatRows(json, bytes)
  const members = json as { readonly [name: string]: Json }
  const list = Object.entries(members).find(([, value]) => Array.isArray(value) && value.length > 0)
  return list === undefined
    ? { ...members, padding: 'x'.repeat(bytes) }
    : { ...members, [list[0]]: repeatRows(list[1] as readonly Json[], bytes) }
}

function repeatRows(rows: readonly Json[], bytes: number): readonly Json[] {
  const times = Math.ceil(bytes / Math.max(2, JSON.stringify(rows).length))
  return Array.from({ length: times }, () => rows).flat()
}
