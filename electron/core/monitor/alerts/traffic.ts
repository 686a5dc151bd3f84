import type { AlertSubject } from '../../../../shared/domain/alert.ts'
import type { Cut, Slice, TrafficState } from '../../store/telemetry/slice.ts'
import { noSubject, subjectKey } from './reading.ts'
import type { Sight } from './look.ts'

/** Traffic of one subject. */
export interface SubjectTraffic {
  key: string
  subject: AlertSubject
  state: TrafficState
}

/** Traffic of a period, per version, per device and version, or of all together. */
export function trafficBySubject({ monitor, store }: Pick<Sight, 'monitor' | 'store'>, slice: Slice, by: Cut['by']): SubjectTraffic[] {
  const names = store.versionNames.byDigest()
  return monitor.traffic(slice, { bucketMs: null, by }).map(({ key, state }) => {
    const named = key.digest === null ? undefined : names.get(key.digest)
    const subject: AlertSubject = {
      ...noSubject,
      ...{ device: key.device, deployment: key.deployment ?? slice.deployment ?? null, digest: key.digest },
      ...{ model: named?.model ?? null, version: named?.version ?? null },
    }
    return { key: subjectKey(subject), subject, state }
  })
}
