import type { CONSTANTS } from '../../src/config/constants.ts'
import { type Config, readConfig } from '../../src/config.ts'

/** Values of the configuration instead of the values from `readConfig`, mostly for constants without a setting. */
export type ConfigOverrides = { readonly [part in keyof Config]?: Partial<Config[part]> }

export function readTestConfig(env: Readonly<Record<string, string>>, overrides: ConfigOverrides = {}): Config {
  const config = readConfig(env)
  const parts = Object.entries(overrides).map(([name, part]) => {
    const original = config[name as keyof Config]
    return [name, { ...(original as object), ...(part as object) }]
  })
  return { ...config, ...Object.fromEntries(parts) }
}

/** Returns a setting for `runMain` which changes constants in the started process and its workers. */
export function nodeOptionsWithConstants(constants: { readonly [part in keyof typeof CONSTANTS]?: object }): string {
  const source = `
    import { CONSTANTS } from ${JSON.stringify(new URL('../../src/config/constants.ts', import.meta.url).href)}
    for (const [part, values] of Object.entries(${JSON.stringify(constants)})) Object.assign(CONSTANTS[part], values)`
  return `--import=data:text/javascript,${encodeURIComponent(source)}`
}
