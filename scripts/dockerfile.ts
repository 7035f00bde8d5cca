import { readFileSync } from 'node:fs'
import { type Copy, DockerfileParser } from 'dockerfile-ast'

export interface Step {
  readonly keyword: string
  readonly args: readonly string[]
  readonly text: string
  /** Source stage of a COPY; null if the source is the build context. */
  readonly from: string | null
}

export interface Stage {
  readonly image: string
  readonly name: string | null
  readonly steps: readonly Step[]
}

/** Returns the stages in order. The last stage is the image. */
export function stagesOf(file: URL): readonly Stage[] {
  const stages: { image: string; name: string | null; steps: Step[] }[] = []
  for (const instruction of DockerfileParser.parse(readFileSync(file, 'utf8')).getInstructions()) {
    const keyword = instruction.getKeyword()
    const args = instruction.getArguments().map(argument => argument.getValue())
    if (keyword === 'FROM') {
      stages.push({ image: args[0] ?? '', name: args[1]?.toUpperCase() === 'AS' ? (args[2] ?? null) : null, steps: [] })
      continue
    }
    const text = instruction.getArgumentsContent() ?? ''
    // CMD and HEALTHCHECK can have the exec form, a JSON array such as `["node", "main.js"]`.
    const execForm = ['CMD', 'HEALTHCHECK'].includes(keyword) ? /\[.*\]$/s.exec(text)?.[0] : undefined
    stages.at(-1)?.steps.push({
      keyword,
      args: execForm === undefined ? args.filter(arg => !arg.startsWith('--')) : (JSON.parse(execForm) as string[]),
      text,
      from: keyword === 'COPY' ? ((instruction as Copy).getFromFlag()?.getValue() ?? null) : null,
    })
  }
  return stages
}

export function environmentOf({ steps }: Stage): Readonly<Record<string, string>> {
  return Object.fromEntries(
    steps
      .filter(({ keyword }) => keyword === 'ENV')
      .flatMap(({ args }) => args.map(arg => [arg.slice(0, arg.indexOf('=')), arg.slice(arg.indexOf('=') + 1)])),
  )
}

export function stepOf({ steps }: Stage, keyword: string): Step | null {
  return steps.findLast(step => step.keyword === keyword) ?? null
}
