import { existsSync, readFileSync } from 'node:fs'
import type { IDeployment } from 'kubernetes-models/apps/v1'
import type { IHorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2'
import type { IConfigMap, IService } from 'kubernetes-models/v1'
import { describe, expect, it } from 'vitest'
import { SETTING_NAMES } from '../../src/config/settings.ts'
import { readConfig } from '../../src/config.ts'
import { files, type Manifest, read, unknownFields, violations } from './manifests.ts'

const manifests = files.map(file => read(file) as Manifest)
const deployment = read('deployment.yaml') as IDeployment
const pod = deployment.spec?.template.spec
const container = pod?.containers[0]
const settings = (read('configmap.yaml') as IConfigMap).data ?? {}
const kustomization = read('kustomization.yaml') as { resources: string[]; images: { name: string; newTag: string }[] }

/** A manifest in which something else stands at a path. */
const changed = (file: string, path: string, value: unknown): Manifest => {
  const manifest = read(file) as Manifest
  const keys = path.split('.')
  const last = keys.pop() ?? ''
  const parent = keys.reduce(
    (at, key) => at[key] as Record<string, unknown>,
    manifest as unknown as Record<string, unknown>,
  )
  parent[last] = value
  return manifest
}

describe('the manifests', () => {
  it.each(files)('%s fits the schema of the Kubernetes API', file => {
    expect(violations(read(file) as Manifest)).toEqual([])
  })

  it('have no field that the API does not know', () => {
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
  ])('would be refused: %s with another %s', (file, path, value) => {
    expect(violations(changed(file, path, value))).not.toEqual([])
  })

  it('would be found out: fields with typing mistakes', () => {
    const mistaken = [
      changed('deployment.yaml', 'spec.template.spec.containers.0.readynessProbe', {}),
      changed('deployment.yaml', 'spec.template.spec.containers.0.securityContext.readonlyRootFilesystem', true),
      changed('service.yaml', 'spec.selectors', {}),
      changed('horizontalpodautoscaler.yaml', 'spec.behaviour', {}),
    ]
    const found = unknownFields(mistaken)
    expect(found).toHaveLength(mistaken.length)
    for (const name of ['readynessProbe', 'readonlyRootFilesystem', 'selectors', 'behaviour']) {
      expect(found.join('\n')).toContain(name)
    }
  })

  it('are all in the kustomization, which names the image of this version', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
    expect(kustomization.resources.toSorted()).toEqual(files.toSorted())
    expect(kustomization.images).toEqual([{ name: container?.image, newTag: version }])
  })

  it('select the same pods', () => {
    const labels = deployment.spec?.template.metadata?.labels
    const selectors = [...JSON.stringify(manifests).matchAll(/"(?:matchLabels|selector)":(\{"app\.[^}]*\})/g)]
    expect(selectors.length).toBeGreaterThanOrEqual(6)
    for (const [, selector = ''] of selectors) expect(JSON.parse(selector)).toEqual(labels)
    const { scaleTargetRef } = (read('horizontalpodautoscaler.yaml') as IHorizontalPodAutoscaler).spec ?? {}
    expect(scaleTargetRef).toEqual({ apiVersion: 'apps/v1', kind: 'Deployment', name: deployment.metadata?.name })
  })
})

describe('the settings of the pod', () => {
  it('are settings that exist, and right together', () => {
    const names = [...Object.keys(settings), ...(container?.env ?? []).map(({ name }) => name)]
    expect(names.filter(name => !(SETTING_NAMES as readonly string[]).includes(name))).toEqual([])
    expect(() => readConfig({ HOST: '0.0.0.0', PORT: '4000', ...settings })).not.toThrow()
  })

  it('have no secret in a file: what is secret comes from a Secret that nobody needs to make', () => {
    for (const { name, value, valueFrom } of container?.env ?? []) {
      expect(value).toBeUndefined()
      expect(valueFrom?.secretKeyRef).toEqual({ name: 'restcomm-graphql', key: name, optional: true })
    }
    expect(Object.keys(settings).filter(name => /TOKEN|KEY|SECRET|PASSWORD|HEADERS/.test(name))).toEqual([])
    expect(manifests.map(({ kind }) => kind)).not.toContain('Secret')
  })

  it('leave time to end: for balancers to notice, then for the longest request, all before the pod is killed', () => {
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

  it('has the ports that the image and the settings have, and everything else names them', () => {
    const dockerfile = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8')
    const [, port] = /^ENV .*\bPORT=(\d+)/m.exec(dockerfile) ?? []
    expect(ports).toEqual({ http: Number(port), metrics: Number(settings.METRICS_PORT) })
    expect((read('service.yaml') as IService).spec?.ports?.map(({ targetPort }) => targetPort)).toEqual(['http'])
    const { startupProbe, livenessProbe, readinessProbe } = container ?? {}
    expect([startupProbe, livenessProbe, readinessProbe].map(probe => probe?.httpGet)).toEqual([
      { path: '/health', port: 'http' },
      { path: '/health', port: 'http' },
      { path: '/ready', port: 'http' },
    ])
  })

  it('is nobody, may nothing, and writes nowhere', () => {
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
