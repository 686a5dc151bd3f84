import { describe, expect, it } from 'vitest'
import type { FieldForm } from '../../../../../../electron/core/rollout/planning/file-fields.ts'
import { readValue, writeValue } from '../../../../../../electron/core/rollout/planning/file-values.ts'
import { readRolloutFile } from '../../../../../../electron/core/rollout/planning/read-file.ts'
import { writeRolloutFile } from '../../../../../../electron/core/rollout/planning/write-file.ts'
import { rolloutPlan, type RolloutPlanInput } from '../../../../../../shared/domain/rollout/plan.ts'
import { seeded } from '../../../../shared/stats/oracle.ts'

type Random = ReturnType<typeof seeded>
const whole = (random: Random, most: number, least = 1): number => least + Math.floor(random() * (most - least + 1))

/** Values as people write them (8.3 million), as programs make them (a third), and at the ends of what a number holds. */
const made: Record<Exclude<FieldForm, 'text'>, (random: Random) => number> = {
  seconds: (random) => (random() < 0.5 ? whole(random, 7_776_000) : whole(random, 900) * 360),
  minutes: (random) => whole(random, 10_080),
  bytes: (random) => (random() < 0.5 ? whole(random, 10_000) * 10 ** whole(random, 10, 0) : whole(random, Number.MAX_SAFE_INTEGER, 0)),
  share: (random) => [0, 1, 1e-7, 5e-324, whole(random, 1000) / 1000, random(), random() * 1e-9][whole(random, 6, 0)]!,
  percent: (random) => [100, 1e-7, 5e-324, whole(random, 1000) / 10, random() * 100, random() * 1e-9][whole(random, 5, 0)]!,
  time: (random) => (random() < 0.5 ? whole(random, 8_640_000_000_000_000, 0) : 1_772_330_400_000 + whole(random, 1e11)),
}

describe('a value of a rollout file', () => {
  it.each(Object.keys(made) as (keyof typeof made)[])('is read back as it was written: %s', (form) => {
    const random = seeded(23)
    const values = Array.from({ length: 5000 }, () => made[form](random))
    const changed = values.flatMap((value) => {
      const written = writeValue(form, value) as string | number
      return readValue(form, written) === value ? [] : [{ value, written, read: readValue(form, written) }]
    })
    expect(changed).toEqual([])
  })

  it('is read back in every field of a plan', () => {
    const random = seeded(29)
    for (let n = 0; n < 40; n += 1) {
      const plan = rolloutPlan.parse(planOfValues(random))
      const text = writeRolloutFile(plan)
      expect({ text, ...readRolloutFile(text), lineOf: null }).toEqual({ text, plan, findings: [], lineOf: null })
    }
  })

  it.each<[FieldForm, string, number | undefined]>([
    ['bytes', '8.3 MB', 8_300_000],
    ['bytes', '4.1 GB', 4_100_000_000],
    ['bytes', '4.1MB/s', 4_100_000],
    ['bytes', '1.1 MiB', 1_153_433.6],
    ['seconds', '1.1 h', 3960],
    ['seconds', '1.1 day', 95_040],
    ['minutes', '1.1 h', 66],
    ['share', '7%', 0.07],
    ['percent', '1e-7%', 1e-7],
    ['percent', '0.0000001 %', 1e-7],
    ['bytes', `${'9'.repeat(100_000)} MB`, undefined],
    ['percent', '1e999%', undefined],
    ['seconds', '1e999 s', undefined],
    ['time', '2026-03-01T02:00:00+01:00', Date.UTC(2026, 2, 1, 1)],
    ['time', '2026-03-01 02:00 +0100', Date.UTC(2026, 2, 1, 1)],
    ['time', '2026-03-01T02:00:00.250000Z', Date.UTC(2026, 2, 1, 2, 0, 0, 250)],
    ['time', '2028-02-29T02:00:00Z', Date.UTC(2028, 1, 29, 2)],
    ['time', '2026-02-30T02:00:00Z', undefined],
    ['time', '2026-02-29T02:00:00Z', undefined],
    ['time', '2026-04-31T02:00:00+02:00', undefined],
    ['time', '2026-03-01T24:00:00Z', undefined],
    ['time', '2026-03-01T02:60:00Z', undefined],
    ['time', '2026-03-01T02:00:00.0001Z', undefined],
    ['time', '2026-03-01T02:00:00+25:00', undefined],
    ['time', '2026-03-01T02:00:00', undefined],
    ['time', '1 March 2026 02:00 Z', undefined],
  ])('is read exactly, or refused: %s, case %#', (form, written, value) => {
    expect(readValue(form, written)).toBe(value)
  })
})

/** A plan with values in every field that a file writes in another way than the plan holds them. */
function planOfValues(random: Random): RolloutPlanInput {
  const { seconds, minutes, bytes, share, percent, time } = made
  const window = () => ({ cron: '0 2 * * *', minutes: minutes(random) })
  const metric = () => ({ margin: share(random) * 2 })
  return {
    ...{ deployment: 'digits', model: 'digits', version: '1.1.0', percent: percent(random) },
    waves: Array.from({ length: 8 }, () => ({
      size: { kind: 'percent' as const, percent: percent(random) },
      ...(random() < 0.5
        ? { gate: { success: share(random), afterSeconds: seconds(random), patienceSeconds: seconds(random) }, name: 'canary' }
        : {}),
    })),
    pacing: {
      bytesPerSecond: Math.max(1, bytes(random)) * (random() < 0.3 ? random() + 1e-9 : 1),
      perGroup: { attribute: 'site' },
      perMinute: { base: percent(random), factor: 1 + share(random), max: 1e-7 },
    },
    windows: { startAt: time(random), download: window(), activation: window() },
    abort: [{ share: share(random) }, { share: share(random), action: 'pause' }],
    unreachable: { afterSeconds: seconds(random), share: share(random) },
    timeouts: { offered: seconds(random), fetching: seconds(random), staged: seconds(random), probing: seconds(random) },
    retry: { backoffSeconds: seconds(random), penaltySeconds: seconds(random) },
    judge: {
      alpha: Math.max(5e-324, share(random) / 2),
      ...{ errors: metric(), latency: metric(), agreement: metric(), accuracy: metric(), inputs: metric(), outcomes: metric() },
      memory: metric(),
    },
    cpuShare: Math.max(5e-324, share(random)),
    budget: { bytes: bytes(random), money: random() * 1e-9 },
    ...(random() < 0.5 ? { probation: { maxErrorShare: share(random), memoryBytes: bytes(random) } } : {}),
  }
}
