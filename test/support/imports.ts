import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'

export interface Import {
  /** Path relative to the scanned folder, such as `http/handler.ts`. */
  readonly file: string
  /** Path of the imported file, relative to the same folder, or the name of a package. */
  readonly target: string
  /** The compiler erases imports of kind `type`. */
  readonly kind: 'value' | 'type' | 'dynamic'
  /** The imported names as exported by the target; empty for namespace and side-effect imports. */
  readonly names: readonly string[]
}

export interface Source {
  readonly file: string
  readonly text: string
}

export function sourcesBelow(folder: URL): readonly Source[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .sort()
    .map(name => ({ file: name.replaceAll('\\', '/'), text: readFileSync(new URL(name, folder), 'utf8') }))
}

const STRINGS_AND_COMMENTS = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g

/** Removes comments, and empties quoted strings unless `strings` is true. Keeps templates, which can contain code. */
export function codeOf(text: string, { strings }: { strings: boolean }): string {
  return text.replace(STRINGS_AND_COMMENTS, part => {
    if (part.startsWith('/')) return ' '
    return strings || part.startsWith('`') ? part : "''"
  })
}

const STATIC = /^(?:import|export)\s+(?:(type)\s+)?(?:([^'";()=]*?)\s+from\s+)?['"]([^'"]+)['"]/gm
const DYNAMIC = /\bimport\s*\(\s*['"`]([^'"`]+)['"`]/g

/** Counts `import { type A }` as a value import, because the compiler keeps the statement (with no names). */
export function importsOf({ file, text }: Source): readonly Import[] {
  const code = codeOf(text, { strings: true })
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

function namesIn(clause: string): readonly string[] {
  return (/\{([^}]*)\}/.exec(clause)?.[1] ?? '')
    .split(',')
    .map(name =>
      name
        .trim()
        .replace(/^type\s+/, '')
        .replace(/\s+as\s.*$/, ''),
    )
    .filter(name => name !== '')
}

/** Returns the files of an import cycle, with the first file again at the end, or null if the imports have no cycle. */
export function findCycle(imports: readonly Import[]): readonly string[] | null {
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
