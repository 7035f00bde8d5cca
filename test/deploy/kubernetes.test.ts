import { existsSync, readFileSync } from 'node:fs'
import type { IDeployment } from 'kubernetes-models/apps/v1'
import type { IHorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2'
import type { IConfigMap, IService } from 'kubernetes-models/v1'
import { describe, expect, it } from 'vitest'
import { SETTING_NAMES } from '../../src/config/settings.ts'
import { readConfig } from '../../src/config.ts'
import { type Manifest, manifestFiles, readManifest, unknownFields, violations } from './manifests.ts'

const manifests = manifestFiles.map(file => readManifest(file) as Manifest)
const deployment = readManifest('deployment.yaml') as IDeployment
const pod = deployment.spec?.template.spec
const container = pod?.containers[0]
const settings = (readManifest('configmap.yaml') as IConfigMap).data ?? {}
const kustomization = readManifest('kustomization.yaml') as {
  resources: string[]
  images: { name: string; newTag: string }[]
}

/** Reads a manifest and replaces the value at a path. */
function withValue(file: string, path: string, value: unknown): Manifest {
  const manifest = readManifest(file) as Manifest
  const keys = path.split('.')
  const last = keys.pop() ?? ''
  const parent = keys.reduce(
    (object, key) => object[key] as Record<string, unknown>,
    manifest as unknown as Record<string, unknown>,
  )
  parent[last] = value
  return manifest
}

describe('the Kubernetes manifests', () => {
  it.each(manifestFiles)('%s matches the schema of the Kubernetes API', file => {
    expect(violations(readManifest(file) as Manifest)).toEqual([])
  })

  it('the Kubernetes manifests have no field unknown to the Kubernetes API', () => {
    expect(unknownFields(manifests)).toEqual([])
  })

  it.each([
    ['deployment.yaml', 'spec.template.spec.containers.0.ports.0.containerPort', '4000'],
    ['deployment.yaml', 'spec.template.spec.terminationGracePeriodSeconds', 'long'],
    ['deployment.yaml', 'spec.template.spec.containers', undefined],
    ['deployment.yaml', 'apiVersion', 'apps/v2'],
    ['service.yaml', 'spec.ports', 80],
    ['horizontalpodautoscaler.yaml', 'spec.maxReplicas', undefined],
    ['poddisruptionbudget.yaml', 'spec.selector', 'app=x'],
    ['networkpolicy.yaml', 'spec.ingress', {}],
    ['configmap.yaml', 'data.SHUTDOWN_DELAY_MS', 10_000],
  ])('the schema check rejects an invalid value: %s %s', (file, path, value) => {
    expect(violations(withValue(file, path, value))).not.toEqual([])
  })

  it('the check for unknown fields finds misspelled fields in manifests', () => {
    const misspelled = [
      withValue('deployment.yaml', 'spec.template.spec.containers.0.readynessProbe', {}),
      withValue('deployment.yaml', 'spec.template.spec.containers.0.securityContext.readonlyRootFilesystem', true),
      withValue('service.yaml', 'spec.selectors', {}),
      withValue('horizontalpodautoscaler.yaml', 'spec.behaviour', {}),
    ]
    const found = unknownFields(misspelled)
    expect(found).toHaveLength(misspelled.length)
    for (const name of ['readynessProbe', 'readonlyRootFilesystem', 'selectors', 'behaviour']) {
      expect(found.join('\n')).toContain(name)
    }
  })

  it('the kustomization lists all manifests and the image tag of the package version', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
    expect(kustomization.resources.toSorted()).toEqual(manifestFiles.toSorted())
    expect(kustomization.images).toEqual([{ name: container?.image, newTag: version }])
  })

  it('all selectors of the Kubernetes manifests match the labels of the Deployment', () => {
    const labels = deployment.spec?.template.metadata?.labels
    const selectors = [...JSON.stringify(manifests).matchAll(/"(?:matchLabels|selector)":(\{"app\.[^}]*\})/g)]
    expect(selectors.length).toBeGreaterThanOrEqual(6)
    for (const [, selector = ''] of selectors) expect(JSON.parse(selector)).toEqual(labels)
    const { scaleTargetRef } = (readManifest('horizontalpodautoscaler.yaml') as IHorizontalPodAutoscaler).spec ?? {}
    expect(scaleTargetRef).toEqual({ apiVersion: 'apps/v1', kind: 'Deployment', name: deployment.metadata?.name })
  })
})

describe('the settings of the pod', () => {
  it('the ConfigMap and the Deployment use existing settings with valid values', () => {
    const names = [...Object.keys(settings), ...(container?.env ?? []).map(({ name }) => name)]
    const known = (name: string) => name.startsWith('OTEL_') || (SETTING_NAMES as readonly string[]).includes(name)
    expect(names.filter(name => !known(name))).toEqual([])
    expect(() => readConfig({ HOST: '0.0.0.0', PORT: '4000', ...settings })).not.toThrow()
  })

  it('the manifests contain no secrets and reference an optional Secret', () => {
    for (const { name, value, valueFrom } of container?.env ?? []) {
      expect(value).toBeUndefined()
      expect(valueFrom?.secretKeyRef).toEqual({ name: 'restcomm-graphql', key: name, optional: true })
    }
    expect(Object.keys(settings).filter(name => /TOKEN|KEY|SECRET|PASSWORD|HEADERS/.test(name))).toEqual([])
    expect(manifests.map(({ kind }) => kind)).not.toContain('Secret')
  })

  it('the shutdown delay, the longest request and the shutdown timeout fit the termination grace period', () => {
    const { shutdown, http } = readConfig(settings)
    expect(shutdown.delayMs + http.timeoutMs).toBeLessThanOrEqual(shutdown.timeoutMs)
    expect(shutdown.timeoutMs).toBeLessThanOrEqual(((pod?.terminationGracePeriodSeconds ?? 0) - 5) * 1_000)
    const { periodSeconds = 0, failureThreshold = 0 } = container?.readinessProbe ?? {}
    expect(shutdown.delayMs).toBeGreaterThan(periodSeconds * failureThreshold * 1_000)
  })
})

describe('the pod', () => {
  const ports = Object.fromEntries(
    (container?.ports ?? []).map(({ name = '', containerPort }) => [name, containerPort]),
  )

  it('the pod has the ports of the image and of METRICS_PORT, and Service and probes reference the port names', () => {
    const dockerfile = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8')
    const [, port] = /^ENV .*\bPORT=(\d+)/m.exec(dockerfile) ?? []
    expect(ports).toEqual({ http: Number(port), metrics: Number(settings.METRICS_PORT) })
    expect((readManifest('service.yaml') as IService).spec?.ports?.map(({ targetPort }) => targetPort)).toEqual([
      'http',
    ])
    const { startupProbe, livenessProbe, readinessProbe } = container ?? {}
    expect([startupProbe, livenessProbe, readinessProbe].map(probe => probe?.httpGet)).toEqual([
      { path: '/health', port: 'http' },
      { path: '/health', port: 'http' },
      { path: '/ready', port: 'http' },
    ])
  })

  it('the pod runs as a non-root user without capabilities, on a read-only file system', () => {
    expect(pod?.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })
    expect(pod?.securityContext?.runAsUser).toBeGreaterThan(0)
    expect(pod?.automountServiceAccountToken).toBe(false)
    expect(container?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
    expect(pod?.volumes).toBeUndefined()
    expect(existsSync(new URL('../../deploy/README.md', import.meta.url))).toBe(true)
  })
})
