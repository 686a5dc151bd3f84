import type { AuditRow } from '../store/fleet/audit.ts'

/** What people ordered of devices, as against what they noted or looked at. */
export function isOrder(action: string): boolean {
  return action.startsWith('deployments.') || action.startsWith('orders.')
}

/** What was done to a device, as one sentence, from the entry of the audit log. */
export function auditSentence({ action, detail }: Pick<AuditRow, 'action' | 'detail'>): string {
  const { input, agentVersion } = JSON.parse(detail) as { input?: Record<string, unknown>; agentVersion?: unknown }
  const sentence = Object.hasOwn(sentences, action) ? sentences[action]!(input ?? {}) : `${action} was called.`
  return (agentVersion === undefined ? sentence : `${sentence} Its agent is ${shown(agentVersion)}.`).slice(0, 2000)
}

/** By the method that was called, or what happened. */
export const sentences: Readonly<Record<string, (input: Record<string, unknown>) => string>> = {
  'devices.enrolled': () => 'The device joined the fleet.',
  'audit.rolledBack': () => 'It keeps a signed checkpoint that the audit log does not extend.',
  'devices.setLabels': ({ labels }) => `Labels were changed: ${labelText(labels)}.`,
  'devices.restoreLabels': () => 'A change of labels was undone.',
  'devices.setNote': ({ text }) => (text === '' ? 'The note was cleared.' : 'The note was changed.'),
  'devices.confirm': () => 'Its fingerprint was compared, and it was let in.',
  'devices.revoke': ({ reason }) => `The device was revoked${because(reason)}`,
  'devices.quarantine': ({ reason }) => `The device was put in quarantine${because(reason)}`,
  'devices.release': () => 'The device was released.',
  'devices.renewCertificate': () => 'The device was asked for a new certificate.',
  'devices.certificateIssued': () => 'A certificate was issued to the device.',
  'devices.cloned': () => 'Two machines used the identity of the device.',
  'broker.refused': () => 'The broker refused what was tried in the name of the device.',
  'devices.remove': () => 'The device was taken out of the fleet.',
  'devices.removeMany': () => 'The device was taken out of the fleet, with others.',
  'deployments.apply': ({ model, version, deployment, as }) =>
    `${shown(model)} ${shown(version)} was ordered${as === undefined || as === 'active' ? '' : ` as ${shown(as)}`}${deployment === undefined ? '' : ` for ${shown(deployment)}`}.`,
  'deployments.remove': ({ deployment }) => `${shown(deployment)} was taken off.`,
  'deployments.endBeside': ({ deployment }) => `What stood beside ${shown(deployment)} was ended.`,
  'deployments.promote': ({ deployment }) => `The version beside ${shown(deployment)} was promoted.`,
  'deployments.revert': ({ deployment }) => `${shown(deployment)} was taken back to the last good version.`,
  'config.set': ({ target }) => `The configuration of ${scopeText(target)} was set.`,
  'config.unset': ({ target }) => `A part of the configuration of ${scopeText(target)} was taken back.`,
  'orders.cancel': ({ order }) => `Order ${shown(order)} was cancelled.`,
  'orders.undo': ({ order }) => `Order ${shown(order)} was undone.`,
  'rollouts.stop': ({ rollout }) => `Rollout ${shown(rollout)} was stopped.`,
  'rollouts.revert': ({ rollout }) => `Rollout ${shown(rollout)} was taken back on all its devices.`,
  'rollouts.discard': ({ rollout }) => `The version of rollout ${shown(rollout)} was discarded.`,
}

function because(reason: unknown): string {
  const text = shown(reason)
  return text === '' ? '.' : `: ${text}`
}

function labelText(labels: unknown): string {
  if (typeof labels !== 'object' || labels === null) return ''
  return Object.entries(labels)
    .map(([name, value]) => (value === null ? `${name} cleared` : `${name} = ${shown(value)}`))
    .join(', ')
}

function shown(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

/** Whose rule a change of the configuration was about. */
function scopeText(target: unknown): string {
  const { scope, group, device } = (typeof target === 'object' && target !== null ? target : {}) as Record<string, unknown>
  if (scope === 'group') return `the group ${shown(group)}`
  return scope === 'device' ? shown(device) : 'the fleet'
}
