import { messageOf } from '../../../../shared/domain/problem.ts'
import type { DistributionBody, PackedCounts } from '../../../../shared/protocol/telemetry.ts'
import { MOST_BINS, offeredTo } from '../../../../shared/stats/reference/feature-counts.ts'
import { readPackedCounts } from '../../../../shared/stats/reference/pack-counts.ts'
import { unpackFeature } from '../../../../shared/stats/reference/packed.ts'
import type { WriteDb } from '../../store/open.ts'
import { countedAt } from '../../store/telemetry/counted-at.ts'
import { packBody } from '../../store/telemetry/distribution-body.ts'
import type { Names } from '../../store/telemetry/names.ts'
import type { InsertRecord } from './record-context.ts'

/** Prepares the insert of distributions: the counts as they came, deflated. */
export function prepareDistribution(db: WriteDb, names: Names): InsertRecord<DistributionBody> {
  const insert = db.prepare(`INSERT OR IGNORE INTO distribution (spool, seq, device, subject, started_at, ended_at, claimed_at, rows, every,
    omitted, received_at, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  return ({ spool, deviceId, receivedAt }, { seq }, body) => {
    const startedAt = countedAt(body.startedAt, receivedAt)
    const claimedAt = startedAt === body.startedAt ? null : body.startedAt
    return (
      insert.run(
        ...[spool, seq, deviceId, names.subject(body), startedAt, countedAt(body.endedAt, receivedAt), claimedAt, body.rows, body.every],
        ...[body.omitted, receivedAt, packBody(body)],
      ).changes === 1
    )
  }
}

/** No device predicts more rows in one interval, however long it was without a console. */
const MOST_ROWS = 1e12
/** Sums of standardised values beyond this are made up, and leave the range of sums. */
const MOST_SUM = 1e30

/** Why a distribution cannot be true, or cannot be added to the others, or `null`. */
export function distributionFault({ rows, features, outcome, confidence, estimate }: DistributionBody): string | null {
  if (rows > MOST_ROWS) return `a distribution of ${rows} rows`
  const estimated = estimate === null ? [] : [estimate.rows, estimate.tp, estimate.fp, estimate.fn, estimate.tn, estimate.variance]
  if (estimated.some((value) => value > MOST_ROWS)) return 'a distribution with an impossible estimate'
  const names = new Set(features.map(({ name }) => name))
  if (names.size !== features.length) return 'a distribution that names a feature twice'
  for (const counts of [...features, ...[outcome, confidence].filter((one) => one !== null)]) {
    const fault = countsFault(counts)
    if (fault !== null) return `a distribution of ${counts.name}: ${fault}`
  }
  return null
}

function countsFault(packed: PackedCounts): string | null {
  if (packed.lag.some((sum) => Math.abs(sum) > MOST_SUM)) return 'sums that are too large'
  const bins = readPackedCounts(packed.bins, MOST_BINS)
  if (bins === null) return 'its counts cannot be read'
  try {
    const offered = offeredTo(unpackFeature(packed, bins.length))
    return offered > MOST_ROWS ? `${offered} values` : null
  } catch (error) {
    return messageOf(error)
  }
}
