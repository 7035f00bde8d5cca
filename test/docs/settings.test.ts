import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { SETTING_NAMES } from '../../src/config/settings.ts'
import { readConfig } from '../../src/config.ts'

const documentOf = (name: string): string => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8')

it('docs/settings.md lists every setting once, in the order of settings.ts, with its default', () => {
  const rows = [...documentOf('docs/settings.md').matchAll(/^\| `([A-Z_]+)` \| (?:`([^`]*)`|none) \|/gm)]
  expect(rows.map(([, name]) => name)).toEqual(SETTING_NAMES)
  const defaults = Object.fromEntries(rows.map(([, name, value]) => [name, value]))
  expect(readConfig(defaults)).toEqual(readConfig({}))
})

it('.env.example lists every setting once, in the order of settings.ts, with its default', () => {
  const lines = [...documentOf('.env.example').matchAll(/^#([A-Z_]+)=(.*)$/gm)]
  expect(lines.map(([, name]) => name)).toEqual(SETTING_NAMES)
  const defaults = Object.fromEntries(lines.map(([, name, value]) => [name, value]))
  expect(readConfig(defaults)).toEqual(readConfig({}))
})
