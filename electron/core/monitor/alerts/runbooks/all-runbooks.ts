import { accuracyDrop } from './accuracy-drop.ts'
import { auditRolledBack } from './audit-rolled-back.ts'
import { backupFailed } from './backup-failed.ts'
import { dataQuality } from './data-quality.ts'
import { deploymentSilent } from './deployment-silent.ts'
import { certificateEnding } from './certificate-ending.ts'
import { detector } from './detector.ts'
import { deviceCloned } from './device-cloned.ts'
import { deviceOffline } from './device-offline.ts'
import { diskLow } from './disk-low.ts'
import { drift } from './drift.ts'
import { driftAgainstPeers } from './drift-against-peers.ts'
import { errorBudget } from './error-budget.ts'
import { latencyP95 } from './latency-p95.ts'
import { memoryLow } from './memory-low.ts'
import { noTelemetry } from './no-telemetry.ts'
import { temperature } from './temperature.ts'
import type { Runbook } from './runbook.ts'

/** Runbooks by name; those of the built-in rules have the names of their rules. They are modules, so that every bundle ships them. */
export const runbooks: ReadonlyMap<string, Runbook> = new Map([
  ['device-offline', deviceOffline],
  ['no-telemetry', noTelemetry],
  ['deployment-silent', deploymentSilent],
  ['error-budget-fast', errorBudget],
  ['error-budget-slow', errorBudget],
  ['latency-p95', latencyP95],
  ['drift', drift],
  ['drift-against-peers', driftAgainstPeers],
  ['data-quality', dataQuality],
  ['data-quality-of-device', dataQuality],
  ['detector', detector],
  ['accuracy-drop', accuracyDrop],
  ['audit-rolled-back', auditRolledBack],
  ['device-cloned', deviceCloned],
  ['certificate-ending', certificateEnding],
  ['backup-failed', backupFailed],
  ['disk-low', diskLow],
  ['memory-low', memoryLow],
  ['temperature', temperature],
])

/** The page that a rule names: one of these, or an address elsewhere. */
export function runbookOf(name: string | null): (Runbook & { url: string | null }) | null {
  if (name === null) return null
  const known = runbooks.get(name)
  if (known !== undefined) return { ...known, url: null }
  const isAddress = /^https?:\/\//i.test(name)
  return { title: name.slice(0, 200), markdown: isAddress ? '' : name, url: isAddress ? name : null }
}
