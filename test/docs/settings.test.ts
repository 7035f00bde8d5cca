import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { REMOVED_SETTINGS } from '../../src/config/removedSettings.ts'
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

it('CHANGELOG.md lists every removed setting with its replacement', () => {
  const rows = [...documentOf('CHANGELOG.md').matchAll(/^\| `([A-Z_]+)` \| (.*)\. \|$/gm)]
  const replacements = Object.fromEntries(rows.map(([, name = '', text = '']) => [name, text]))
  const expected = Object.entries(REMOVED_SETTINGS).map(([name, text]) => [
    name,
    text[0]?.toUpperCase() + text.slice(1),
  ])
  expect(replacements).toMatchObject(Object.fromEntries(expected))
})
