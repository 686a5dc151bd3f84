import type { AlertRule, AlertSubject } from '../../../../shared/domain/alert.ts'
import type { Subject } from '../monitor.ts'
import { devicesOf, type Sight } from './look.ts'
import { noSubject } from './reading.ts'

/** One bundle in one deployment, on all devices of a rule or on one of them. */
export interface JudgedSlice {
  key: string
  subject: AlertSubject
  devices: readonly string[] | null
  deployment: string
  digest: string
}

/** A slice that has counted nothing for so long has no verdict windows to judge. */
const LOOK_BACK_MS = 2 * 86_400_000

/** Slices that a rule judges: those that counted something of late, and that devices are still ordered to serve. */
export function slicesOf(
  rule: Pick<AlertRule, 'query' | 'deployment' | 'per'>,
  sight: Pick<Sight, 'store' | 'monitor' | 'now'>,
): JudgedSlice[] {
  const { monitor, now } = sight
  const devices = devicesOf(sight, rule)
  const period = { from: now - LOOK_BACK_MS, through: now }
  const place = rule.deployment === null ? {} : { deployment: rule.deployment }
  const ordered = orderedBundles(sight)
  return monitor
    .subjects({ devices, ...place, ...period })
    .filter(({ deployment, digest }) => ordered.has(`${deployment}\n${digest}`))
    .flatMap(({ deployment, digest, model, version }): JudgedSlice[] => {
      const subject = { ...noSubject, deployment, model, version, digest }
      if (rule.per !== 'device') return [{ key: `${deployment}/${digest}`, subject, devices, deployment, digest }]
      return monitor.devicesOf({ devices, deployment, digests: [digest], ...period }).map((device) => ({
        ...{ key: `${deployment}/${digest}/${device}`, subject: { ...subject, device }, devices: [device], deployment, digest },
      }))
    })
}

/** Bundles that some device is to serve or to compare, by deployment: what nobody runs any more is history. */
export function orderedBundles({ store }: Pick<Sight, 'store'>): Set<string> {
  const ordered = new Set<string>()
  for (const { orders, row } of store.roster.all()) {
    for (const order of orders) {
      ordered.add(`${order.deployment}\n${order.digest}`)
      if (order.beside !== null) ordered.add(`${order.deployment}\n${order.beside.digest}`)
    }
    for (const [deployment, { active }] of Object.entries(row.reported?.deployments ?? {}))
      if (active !== null) ordered.add(`${deployment}\n${active.digest}`)
  }
  return ordered
}

/** The slice as the monitor is asked about it. */
export function askedOf({ devices, deployment, digest }: JudgedSlice, now: number): Subject {
  return { devices, deployment, digest, through: now }
}

/** The same bundle on all devices. */
export function versionSlice(slice: JudgedSlice, now: number): Subject {
  return { ...askedOf(slice, now), devices: null }
}
