import { setImmediate } from 'node:timers/promises'
import type { ReportTable } from '../../../shared/domain/report/document.ts'
import type { VersionTraffic } from './gather.ts'
import type { ReportScope, ReportSources, ReportWork } from './sources.ts'

const HOUR_MS = 3_600_000
/** Versions that are judged, those with the most requests; a verdict reads hundreds of distributions. */
const MOST_VERSIONS = 12
/** Counts of that many single devices are added up at once; more stand still for too long. */
const MOST_DEVICES = 200
/** Features that are listed of a version; the worst come first. */
const MOST_FEATURES = 20

/** Verdicts on drift as of the end of the period, with how many of its windows were at a warning or an alarm. */
export async function driftTable(
  { monitor }: ReportSources,
  { question, isWhole, devices }: ReportScope,
  { versions, signal }: Pick<ReportWork, 'signal'> & { versions: readonly VersionTraffic[] },
): Promise<ReportTable> {
  const rows: ReportTable['rows'] = []
  const isRead = isWhole || devices.length <= MOST_DEVICES
  for (const { deployment, digest, model, version } of isRead ? versions.slice(0, MOST_VERSIONS) : []) {
    await setImmediate()
    signal.throwIfAborted()
    const { features } = monitor.verdicts(
      { devices: isWhole ? null : devices, deployment, digest, through: question.through },
      { reference: 'training', windowMs: HOUR_MS, from: question.from },
    )
    for (const { name, role, state, windows, last } of features.slice(0, MOST_FEATURES)) {
      const at = (level: string): number => windows.filter((one) => one.level === level).length
      rows.push([
        deployment,
        `${model}@${version}`,
        `${role} ${name}`,
        state,
        at('alarm'),
        at('warn'),
        windows.length,
        last?.effect ?? null,
      ])
    }
  }
  return {
    ...{ kind: 'table', id: 'drift', title: 'Drift against the training data', keys: 3, rows },
    note: isRead
      ? `The ${MOST_VERSIONS} versions with the most requests, the ${MOST_FEATURES} worst features of each. A version that came without training rows has no verdict.`
      : `Drift is judged for the whole fleet, or for ${MOST_DEVICES} devices at most.`,
    columns: [
      { id: 'deployment', label: 'Deployment', unit: 'text' },
      { id: 'version', label: 'Version', unit: 'text' },
      { id: 'what', label: 'What', unit: 'text' },
      { id: 'state', label: 'Verdict at the end', unit: 'text' },
      { id: 'alarms', label: 'Windows at alarm', unit: 'count' },
      { id: 'warnings', label: 'at warning', unit: 'count' },
      { id: 'windows', label: 'of', unit: 'count' },
      { id: 'effect', label: 'Effect in the last', unit: 'number' },
    ],
  }
}
