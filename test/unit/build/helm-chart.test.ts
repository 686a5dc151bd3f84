import { Ajv } from 'ajv'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { musterVersion } from '../../../shared/domain/version.ts'
import { objectsOf, renderTemplate } from '../../harness/chart-template.ts'

const CHART = 'build/helm/muster'
const chart = parse(readFileSync(join(CHART, 'Chart.yaml'), 'utf8')) as { name: string; version: string; appVersion: string }
const defaults = (): Values => parse(readFileSync(join(CHART, 'values.yaml'), 'utf8')) as Values

interface Values {
  broker: { port: number; names: string[]; externalSecret: string }
  passphraseSecret: string
  persistence: { existingClaim: string; storageClass: string }
  networkPolicy: { enabled: boolean; devicesFrom: object[]; egress: object[] }
  [other: string]: unknown
}
interface Container {
  env: { name: string; value?: string; valueFrom?: object }[]
  ports?: { name: string; containerPort: number }[]
  securityContext: object
  readinessProbe: object
  livenessProbe: { exec: { command: string[] } }
  volumeMounts: { name: string; mountPath: string }[]
}
interface Pod {
  containers: [Container]
  volumes: { name: string; persistentVolumeClaim?: { claimName: string }; secret?: { secretName: string } }[]
  securityContext: object
  automountServiceAccountToken: boolean
}
interface Rendered {
  kind: string
  metadata: { name: string; labels: Record<string, string>; annotations?: Record<string, string> }
  spec: {
    selector: { matchLabels: Record<string, string> }
    template: { metadata: { labels: Record<string, string> }; spec: Pod }
    replicas: number
    ports: { targetPort: string }[]
    ingress: { ports: { port: number }[]; from?: object[] }[]
    egress: object[]
    podSelector: { matchLabels: Record<string, string> }
  }
}

/** The objects that an installation makes, by kind. */
function rendered(change: (values: Values) => void = () => undefined): Map<string, Rendered> {
  const values = defaults()
  change(values)
  const input = {
    Values: values,
    Release: { Name: 'plant', Namespace: 'edge', Service: 'Helm' },
    Chart: { Name: chart.name, AppVersion: chart.appVersion },
  }
  const all = readdirSync(join(CHART, 'templates'))
    .filter((name) => name.endsWith('.yaml'))
    .flatMap((name) => objectsOf(renderTemplate(readFileSync(join(CHART, 'templates', name), 'utf8'), input)))
  return new Map((all as unknown as Rendered[]).map((one) => [one.kind, one]))
}

const podOf = (objects: Map<string, Rendered>): Pod => objects.get('StatefulSet')!.spec.template.spec
const environment = (objects: Map<string, Rendered>) => new Map(podOf(objects).containers[0].env.map((one) => [one.name, one]))

describe('the chart', () => {
  test('has the version of the application, and values that its own schema takes', () => {
    expect([chart.version, chart.appVersion]).toEqual([musterVersion, musterVersion])
    const schema = JSON.parse(readFileSync(join(CHART, 'values.schema.json'), 'utf8')) as { $schema: string; properties: object }
    const check = new Ajv({ allowUnionTypes: true }).compile(schema)
    expect([check(defaults()), check.errors]).toEqual([true, null])
    expect(check({ ...defaults(), fleeet: 'plant' })).toBe(false)
    expect(check({ ...defaults(), broker: { port: 80, names: ['a b'] } })).toBe(false)
    expect(
      Object.keys(schema.properties)
        .filter((name) => name !== 'global')
        .sort(),
    ).toEqual(Object.keys(defaults()).sort())
  })

  test('makes one console with its disk, the service of its broker, and a policy; all of them name the same pod', () => {
    const objects = rendered()
    expect([...objects.keys()].sort()).toEqual(['NetworkPolicy', 'PersistentVolumeClaim', 'Service', 'StatefulSet'])
    const { spec } = objects.get('StatefulSet')!
    expect(spec.replicas).toBe(1)
    const labels = spec.template.metadata.labels
    expect(spec.selector.matchLabels).toEqual(labels)
    expect(objects.get('Service')!.spec.selector).toEqual(labels)
    expect(objects.get('NetworkPolicy')!.spec.podSelector.matchLabels).toEqual(labels)
    expect(podOf(objects).volumes[0]!.persistentVolumeClaim!.claimName).toBe(objects.get('PersistentVolumeClaim')!.metadata.name)
    expect(objects.get('PersistentVolumeClaim')!.metadata.annotations).toEqual({ 'helm.sh/resource-policy': 'keep' })
  })

  test('the port of the broker is one and the same for console, container, service and policy', () => {
    const objects = rendered((values) => (values.broker.port = 9883))
    const [container] = podOf(objects).containers
    expect(environment(objects).get('MUSTER_MQTT_PORT')!.value).toBe('9883')
    expect(container.ports).toEqual([{ name: 'mqtts', containerPort: 9883 }])
    expect(objects.get('Service')!.spec.ports[0]!.targetPort).toBe('mqtts')
    expect(objects.get('NetworkPolicy')!.spec.ingress[0]!.ports[0]!.port).toBe(9883)
    expect(container.readinessProbe).toMatchObject({ tcpSocket: { port: 'mqtts' } })
  })

  test('runs as nobody in particular, on a root that cannot be written, with no word to the cluster', () => {
    const pod = podOf(rendered())
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: 'RuntimeDefault' } })
    expect(pod.containers[0].securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
    expect(pod.automountServiceAccountToken).toBe(false)
    expect(pod.containers[0].volumeMounts.map(({ mountPath }) => mountPath)).toEqual(['/var/lib/muster', '/tmp'])
  })

  test('is probed within, where its interface is', () => {
    const [container] = podOf(rendered()).containers
    expect(container.livenessProbe.exec.command).toEqual(['node', '/opt/muster/bin/healthy.ts', 'http://127.0.0.1:8320/about'])
  })

  test('the broker has the names by which devices reach it', () => {
    const names = environment(rendered((values) => (values.broker.names = ['fleet.example', '192.0.2.7']))).get('MUSTER_BROKER_NAMES')!
    expect(names.value!.split(' ')).toEqual(['plant-broker', 'plant-broker.edge.svc', 'fleet.example', '192.0.2.7'])
  })

  test('with a broker of somebody else it has none of its own, and its address comes from a secret', () => {
    const objects = rendered((values) => (values.broker.externalSecret = 'broker'))
    expect(objects.has('Service')).toBe(false)
    expect(environment(objects).get('MUSTER_BROKER')!.valueFrom).toEqual({ secretKeyRef: { name: 'broker', key: 'url' } })
    expect(environment(objects).has('MUSTER_MQTT_PORT')).toBe(false)
    expect(objects.get('NetworkPolicy')!.spec.ingress).toEqual([])
    expect(podOf(objects).containers[0].readinessProbe).toHaveProperty('exec')
  })

  test('a passphrase comes as a file of a secret and never as a value', () => {
    const objects = rendered((values) => (values.passphraseSecret = 'keys'))
    const file = environment(objects).get('MUSTER_PASSPHRASE_FILE')!.value!
    const mount = podOf(objects).containers[0].volumeMounts.find(({ name }) => name === 'passphrase')!
    expect(file).toBe(`${mount.mountPath}/passphrase`)
    expect(podOf(objects).volumes.find(({ name }) => name === 'passphrase')!.secret!.secretName).toBe('keys')
  })

  test('who may come and whither it may go is what was written, and names alone by default', () => {
    expect(rendered().get('NetworkPolicy')!.spec.egress).toEqual([
      { ports: [{ port: 53, protocol: 'UDP' }, { port: 53, protocol: 'TCP' }] }, // prettier-ignore
    ])
    const from = [{ ipBlock: { cidr: '192.0.2.0/24' } }]
    const egress = [{ to: [{ ipBlock: { cidr: '198.51.100.7/32' } }], ports: [{ port: 587, protocol: 'TCP' }] }]
    const { spec } = rendered((values) => Object.assign(values.networkPolicy, { devicesFrom: from, egress })).get('NetworkPolicy')!
    expect([spec.ingress[0]!.from, spec.egress[1]]).toEqual([from, egress[0]])
    expect(rendered((values) => (values.networkPolicy.enabled = false)).has('NetworkPolicy')).toBe(false)
  })

  test('a claim that is there already is taken, and none is made', () => {
    const objects = rendered((values) => (values.persistence.existingClaim = 'old'))
    expect(objects.has('PersistentVolumeClaim')).toBe(false)
    expect(podOf(objects).volumes[0]!.persistentVolumeClaim!.claimName).toBe('old')
  })

  test('what the renderer of this test does not know is an error and no empty text', () => {
    const input = { Values: {}, Release: { Name: 'a', Namespace: 'b', Service: 'c' }, Chart: { Name: 'd', AppVersion: 'e' } }
    expect(() => renderTemplate('{{ .Values.absent }}', input)).toThrow('there is no .Values.absent')
    expect(() => renderTemplate('{{ upper "x" }}', input)).toThrow('upper is not known')
    expect(() => renderTemplate('{{ if .Values }}', input)).toThrow('has no end')
  })
})
