import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Deployment } from 'kubernetes-models/apps/v1'
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2'
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1'
import { ConfigMap, Service } from 'kubernetes-models/v1'
import { parse } from 'yaml'

export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string }
}

const FOLDER = new URL('../../deploy/kubernetes/', import.meta.url)
const ROOT = fileURLToPath(new URL('../../', import.meta.url))

export const read = (file: string): unknown => parse(readFileSync(new URL(file, FOLDER), 'utf8'), { strict: true })

/** All but the kustomization, by the name of their file. */
export const files = readdirSync(FOLDER).filter(name => name !== 'kustomization.yaml')

/** What the manifests are, and where their schemas are. */
const MODELS = {
  ConfigMap: { model: ConfigMap, from: 'kubernetes-models/v1' },
  Deployment: { model: Deployment, from: 'kubernetes-models/apps/v1' },
  HorizontalPodAutoscaler: { model: HorizontalPodAutoscaler, from: 'kubernetes-models/autoscaling/v2' },
  NetworkPolicy: { model: NetworkPolicy, from: 'kubernetes-models/networking.k8s.io/v1' },
  PodDisruptionBudget: { model: PodDisruptionBudget, from: 'kubernetes-models/policy/v1' },
  Service: { model: Service, from: 'kubernetes-models/v1' },
} as const

const isKnown = (kind: string): kind is keyof typeof MODELS => Object.hasOwn(MODELS, kind)

/** What the schema of the Kubernetes API says against a manifest: types, enumerations and what must be there. */
export const violations = (manifest: Manifest): readonly string[] => {
  if (!isKnown(manifest.kind)) return [`No schema of the kind ${manifest.kind} is known here.`]
  const Model = MODELS[manifest.kind].model as unknown as new (data: object) => { validate(): void }
  try {
    new Model(manifest).validate()
    return []
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]
  }
}

/**
 * What the API does not know. Its schemas are open, so a field with a typing mistake is no violation, and the server
 * drops it. The compiler finds what a literal has that its type has not, however deep.
 */
export const unknownFields = (manifests: readonly Manifest[]): readonly string[] => {
  const folder = new URL(`../../node_modules/.cache/manifests-${crypto.randomUUID()}/`, import.meta.url)
  mkdirSync(folder, { recursive: true })
  try {
    const paths = manifests.map((manifest, index) => {
      if (!isKnown(manifest.kind)) throw new Error(`No schema of the kind ${manifest.kind} is known here.`)
      const { kind } = manifest
      const path = fileURLToPath(new URL(`manifest${index}.ts`, folder))
      const head = `import type { I${kind} } from '${MODELS[manifest.kind].from}'\n`
      writeFileSync(path, `${head}export const manifest: I${kind} = ${JSON.stringify(manifest, null, 2)}\n`)
      return path
    })
    const flags = '--ignoreConfig --noEmit --strict --skipLibCheck --module nodenext --target es2024 --pretty false'
    execFileSync('tsc', [...flags.split(' '), ...paths], { cwd: ROOT, encoding: 'utf8' })
    return []
  } catch (error) {
    const { stdout } = error as { stdout?: string }
    if (typeof stdout !== 'string') throw error
    return stdout.split('\n').filter(line => line.includes('error TS'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
