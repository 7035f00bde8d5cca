import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'

/** One import or re-export of a source file. */
export interface Import {
  /** Relative to the folder that was scanned, as `server/gateway.ts`. */
  readonly file: string
  /** The file that it names, in the same form; what is not a relative path stays as it is written. */
  readonly target: string
  /** `type` where nothing of it is left at run time. */
  readonly kind: 'value' | 'type' | 'dynamic'
  /** The names that it takes, as they are called where they come from; empty where it takes all there is, or none. */
  readonly names: readonly string[]
}

export interface Source {
  readonly file: string
  readonly text: string
}

/** Every TypeScript file below a folder. */
export const sourcesBelow = (folder: URL): readonly Source[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .sort()
    .map(name => ({ file: name.replaceAll('\\', '/'), text: readFileSync(new URL(name, folder), 'utf8') }))

const STRINGS_AND_COMMENTS = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g

/** The code alone: comments are gone; of texts, those in single and double quotes are emptied where `texts` is false. */
export const codeOf = (text: string, { texts }: { texts: boolean }): string =>
  text.replace(STRINGS_AND_COMMENTS, part => {
    if (part.startsWith('/')) return ' '
    return texts || part.startsWith('`') ? part : "''"
  })

const STATIC = /^(?:import|export)\s+(?:(type)\s+)?(?:([^'";()=]*?)\s+from\s+)?['"]([^'"]+)['"]/gm
const DYNAMIC = /\bimport\s*\(\s*['"`]([^'"`]+)['"`]/g

/** Every import of a file. `import { type A }` counts as a value, as it does for the compiler: the import itself stays. */
export const importsOf = ({ file, text }: Source): readonly Import[] => {
  const code = codeOf(text, { texts: true })
  const target = (specifier: string): string =>
    specifier.startsWith('.') ? posix.join(posix.dirname(file), specifier) : specifier
  return [
    ...[...code.matchAll(STATIC)].map(
      ([, type, clause = '', specifier = '']): Import => ({
        file,
        target: target(specifier),
        kind: type === undefined ? 'value' : 'type',
        names: namesIn(clause),
      }),
    ),
    ...[...code.matchAll(DYNAMIC)].map(
      ([, specifier = '']): Import => ({ file, target: target(specifier), kind: 'dynamic', names: [] }),
    ),
  ]
}

const namesIn = (clause: string): readonly string[] =>
  (/\{([^}]*)\}/.exec(clause)?.[1] ?? '')
    .split(',')
    .map(name =>
      name
        .trim()
        .replace(/^type\s+/, '')
        .replace(/\s+as\s.*$/, ''),
    )
    .filter(name => name !== '')

/** A way round from a file back to itself, or null. */
export const cycleIn = (imports: readonly Import[]): readonly string[] | null => {
  const targets = Map.groupBy(imports, ({ file }) => file)
  const done = new Set<string>()
  const search = (file: string, path: readonly string[]): readonly string[] | null => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return null
    for (const { target } of targets.get(file) ?? []) {
      const found = search(target, [...path, file])
      if (found !== null) return found
    }
    done.add(file)
    return null
  }
  for (const file of targets.keys()) {
    const found = search(file, [])
    if (found !== null) return found
  }
  return null
}
