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

export function readManifest(file: string): unknown {
  return parse(readFileSync(new URL(file, FOLDER), 'utf8'), { strict: true })
}

/** File names, without the kustomization. */
export const manifestFiles = readdirSync(FOLDER).filter(name => name !== 'kustomization.yaml')

/** The schema and its module for each kind of manifest. */
const MODELS = {
  ConfigMap: { model: ConfigMap, from: 'kubernetes-models/v1' },
  Deployment: { model: Deployment, from: 'kubernetes-models/apps/v1' },
  HorizontalPodAutoscaler: { model: HorizontalPodAutoscaler, from: 'kubernetes-models/autoscaling/v2' },
  NetworkPolicy: { model: NetworkPolicy, from: 'kubernetes-models/networking.k8s.io/v1' },
  PodDisruptionBudget: { model: PodDisruptionBudget, from: 'kubernetes-models/policy/v1' },
  Service: { model: Service, from: 'kubernetes-models/v1' },
} as const

const hasModel = (kind: string): kind is keyof typeof MODELS => Object.hasOwn(MODELS, kind)

/** Validates a manifest against the schema of the Kubernetes API: types, enumerations and required fields. */
export function violations(manifest: Manifest): readonly string[] {
  if (!hasModel(manifest.kind)) return [`MODELS has no schema of the kind ${manifest.kind}.`]
  const Model = MODELS[manifest.kind].model as unknown as new (data: object) => { validate(): void }
  try {
    new Model(manifest).validate()
    return []
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]
  }
}

/**
 * Finds fields unknown to the Kubernetes API. The schemas allow additional fields, and the server drops misspelled
 * fields, but the TypeScript compiler rejects unknown properties of a literal at any depth.
 */
export function unknownFields(manifests: readonly Manifest[]): readonly string[] {
  const folder = new URL(`../../node_modules/.cache/manifests-${crypto.randomUUID()}/`, import.meta.url)
  mkdirSync(folder, { recursive: true })
  try {
    const paths = manifests.map((manifest, index) => {
      if (!hasModel(manifest.kind)) throw new Error(`MODELS has no schema of the kind ${manifest.kind}.`)
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
