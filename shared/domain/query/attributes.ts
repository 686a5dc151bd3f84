import type { DeviceFacts } from '../../protocol/reported.ts'
import { healths, type Health } from '../device-health.ts'

/** What a query sees of a device. */
export interface QuerySubject {
  device: string
  status: 'online' | 'offline' | 'never-seen'
  health: Health
  labels: Readonly<Record<string, string>>
  facts: DeviceFacts | null
  /** What is active: deployment name, model and version. */
  active: readonly { deployment: string; model: string; version: string }[]
}

export type AttributeType = 'text' | 'number' | 'bytes' | 'version' | 'set'

/** Something that a query can ask for. */
export interface Attribute {
  type: AttributeType
  summary: string
  /** Every value there is, where they are few and known. */
  values?: readonly string[] | undefined
  /** Scalar value, or null where the device has not told it. Sets have `members` instead. */
  read?: ((subject: QuerySubject) => string | number | null) | undefined
  members?: ((subject: QuerySubject) => string[]) | undefined
}

/** Facts that every fleet can be asked by. Labels come on top, by their own names. */
export const attributes = {
  id: { type: 'text', summary: 'Device id.', read: (subject) => subject.device },
  status: {
    type: 'text',
    summary: 'online, offline or never-seen.',
    values: ['online', 'offline', 'never-seen'],
    read: (subject) => subject.status,
  },
  health: {
    type: 'text',
    summary: 'State of the device: ok, working, attention, failed or offline.',
    values: healths,
    read: (subject) => subject.health,
  },
  os: { type: 'text', summary: 'Operating system: linux, win32, darwin.', read: ({ facts }) => facts?.os ?? null },
  arch: { type: 'text', summary: 'Processor architecture: x64, arm64.', read: ({ facts }) => facts?.arch ?? null },
  hostname: { type: 'text', summary: 'Host name of the machine.', read: ({ facts }) => facts?.hostname ?? null },
  cpus: { type: 'number', summary: 'Processor cores.', read: ({ facts }) => facts?.cpus ?? null },
  mem: { type: 'bytes', summary: 'Memory of the machine: mem >= 2GB.', read: ({ facts }) => facts?.memoryBytes ?? null },
  disk: { type: 'bytes', summary: 'Free disk space where the agent keeps models.', read: ({ facts }) => facts?.diskFreeBytes ?? null },
  agent: { type: 'version', summary: 'Version of the agent: agent >= 1.2.', read: ({ facts }) => facts?.agentVersion ?? null },
  runtime: { type: 'version', summary: 'Version of onnxruntime on the device.', read: ({ facts }) => facts?.runtimeVersion ?? null },
  tag: { type: 'set', summary: 'Name of a label that is set: tag:camera.', members: ({ labels }) => Object.keys(labels) },
  provider: { type: 'set', summary: 'Execution provider: provider:cpu.', members: ({ facts }) => facts?.executionProviders ?? [] },
  deployment: {
    type: 'set',
    summary: 'Name of a deployment that is filled: deployment:quality-check.',
    members: ({ active }) => active.map((one) => one.deployment),
  },
  model: {
    type: 'set',
    summary: 'Model, or model and version, that is active: model:digits or model:digits@1.0.0.',
    members: ({ active }) => active.flatMap((one) => [one.model, `${one.model}@${one.version}`]),
  },
} as const satisfies Record<string, Attribute>

export type FactName = keyof typeof attributes

/** `site` is a word of the product: it can be asked for before any device carries it. */
const wellKnownLabels = ['site']

/** Finds an attribute by the name a person wrote; labels may be written bare or as `label.<name>`. */
export function findAttribute(name: string, labels: ReadonlySet<string>): Attribute | null {
  if (Object.hasOwn(attributes, name)) return attributes[name as FactName]
  const label = labelOf(name)
  const isKnown = name.startsWith('label.') || labels.has(label) || wellKnownLabels.includes(label)
  return !isKnown || label === '' ? null : labelAttribute(name)
}

/** The attribute of a label, written bare or as `label.<name>`. */
export function labelAttribute(name: string): Attribute {
  const label = labelOf(name)
  return { type: 'text', summary: `Label ${label}.`, read: ({ labels }) => (Object.hasOwn(labels, label) ? labels[label]! : null) }
}

function labelOf(name: string): string {
  return name.startsWith('label.') ? name.slice('label.'.length) : name
}

/** Every name that may be written, labels included: for completion and for the nearest name in an error. */
export function attributeNames(labels: ReadonlySet<string>): string[] {
  return [...new Set([...Object.keys(attributes), ...wellKnownLabels, ...labels])]
}
