import { readFileSync } from 'node:fs'
import { type Copy, DockerfileParser } from 'dockerfile-ast'

export interface Step {
  readonly keyword: string
  readonly args: readonly string[]
  /** As it stands there. */
  readonly text: string
  /** Of a COPY: the stage that it is from; null for what is built from. */
  readonly from: string | null
}

export interface Stage {
  readonly image: string
  readonly name: string | null
  readonly steps: readonly Step[]
}

/** The stages of a Dockerfile, the last of which is the image. */
export const stagesOf = (file: URL): readonly Stage[] => {
  const stages: { image: string; name: string | null; steps: Step[] }[] = []
  for (const instruction of DockerfileParser.parse(readFileSync(file, 'utf8')).getInstructions()) {
    const keyword = instruction.getKeyword()
    const args = instruction.getArguments().map(argument => argument.getValue())
    if (keyword === 'FROM') {
      stages.push({ image: args[0] ?? '', name: args[1]?.toUpperCase() === 'AS' ? (args[2] ?? null) : null, steps: [] })
      continue
    }
    const text = instruction.getArgumentsContent() ?? ''
    // The form that no shell reads: `["node", "main.js"]`.
    const list = ['CMD', 'HEALTHCHECK'].includes(keyword) ? /\[.*\]$/s.exec(text)?.[0] : undefined
    stages.at(-1)?.steps.push({
      keyword,
      args: list === undefined ? args.filter(arg => !arg.startsWith('--')) : (JSON.parse(list) as string[]),
      text,
      from: keyword === 'COPY' ? ((instruction as Copy).getFromFlag()?.getValue() ?? null) : null,
    })
  }
  return stages
}

/** The variables that a stage sets. */
export const environmentOf = ({ steps }: Stage): Readonly<Record<string, string>> =>
  Object.fromEntries(
    steps
      .filter(({ keyword }) => keyword === 'ENV')
      .flatMap(({ args }) => args.map(arg => [arg.slice(0, arg.indexOf('=')), arg.slice(arg.indexOf('=') + 1)])),
  )

export const stepOf = ({ steps }: Stage, keyword: string): Step | null =>
  steps.findLast(step => step.keyword === keyword) ?? null
