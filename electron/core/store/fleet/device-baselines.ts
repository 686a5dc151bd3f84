import type { Distribution, PackedDistribution } from '../../../../shared/stats/reference/distribution.ts'
import { packDistribution, unpackDistribution } from '../../../../shared/stats/reference/distribution.ts'
import type { MonitoredReferences } from '../../../../shared/stats/reference/monitored.ts'
import type { WriteDb } from '../open.ts'

/** Whose baseline it is. */
export interface BaselineKey {
  device: string
  deployment: string
  digest: string
}

/** A frozen baseline. */
export interface DeviceBaseline extends BaselineKey {
  from: number
  through: number
  counts: Distribution
  /** null: it was taken by itself. */
  setBy: string | null
}

interface Row {
  from: number
  through: number | null
  counts: string | null
  setBy: string | null
}

export type DeviceBaselineTable = ReturnType<typeof openDeviceBaselineTable>

/** Frozen baselines of devices, per deployment and bundle. */
export function openDeviceBaselineTable(db: WriteDb) {
  const find = db.prepare<BaselineKey, Row>(
    `SELECT from_at AS "from", through_at AS through, counts, set_by AS setBy FROM device_baseline
    WHERE device = @device AND deployment = @deployment AND digest = @digest`,
  )
  const columns = '(device, deployment, digest, from_at, through_at, counts, set_at, set_by)'
  const values = '(@device, @deployment, @digest, @from, @through, @counts, @at, @setBy)'
  const replaced = `ON CONFLICT DO UPDATE SET from_at = excluded.from_at, through_at = excluded.through_at, counts = excluded.counts,
    set_at = excluded.set_at, set_by = excluded.set_by`
  const set = db.prepare(`INSERT INTO device_baseline ${columns} VALUES ${values} ${replaced}`)
  // What is frozen stays: two questions at once take the same first windows, and the first one counts.
  const freeze = db.prepare(`INSERT INTO device_baseline ${columns} VALUES ${values} ${replaced} WHERE device_baseline.counts IS NULL`)
  const digests = db.prepare<[string, string], string>('SELECT digest FROM device_baseline WHERE device = ? AND deployment = ?').pluck()
  const row = ({ from, through, counts, ...rest }: DeviceBaseline, at: number) => ({
    ...rest,
    ...{ from, through, at, counts: JSON.stringify(packDistribution(counts)) },
  })
  return {
    /** null: none is frozen. */
    find(key: BaselineKey, references: MonitoredReferences): DeviceBaseline | null {
      const known = find.get(key)
      if (known === undefined || known.counts === null || known.through === null) return null
      const counts = unpackDistribution(JSON.parse(known.counts) as PackedDistribution, references)
      return { ...key, from: known.from, through: known.through, counts, setBy: known.setBy }
    },
    /** From when on a baseline may be taken by itself: null from the beginning. */
    mayBeginAt: (key: BaselineKey): number | null => find.get(key)?.from ?? null,
    /** Keeps the first one that comes by itself. */
    freeze: (baseline: DeviceBaseline, at: number): void => void freeze.run(row(baseline, at)),
    /** What a person chose replaces what there is. */
    set: (baseline: DeviceBaseline, at: number): void => void set.run(row(baseline, at)),
    /** Forgets it; the next may be taken from `at` on. */
    forget: (key: BaselineKey, at: number, by: string): void =>
      void set.run({ ...key, from: at, through: null, counts: null, at, setBy: by }),
    /** Bundles with a row. */
    digestsOf: (device: string, deployment: string): string[] => digests.all(device, deployment),
  }
}
