import { z } from 'zod'

/** What a verdict on a version looks at; each compares it with the incumbent over the same time and the same kind of devices. */
export const judgedMetrics = {
  errors: { unit: 'share', better: 'lower', summary: 'Failed requests of all requests.' },
  latency: { unit: 'share', better: 'lower', summary: 'Answers slower than the 95th percentile of the incumbent.' },
  agreement: { unit: 'share', better: 'higher', summary: 'Rows for which a shadow says what the incumbent says.' },
  accuracy: { unit: 'share', better: 'higher', summary: 'Labelled rows that are right; of regressions the mean absolute error.' },
  inputs: { unit: 'share', better: 'lower', summary: 'Values of inputs that are missing, wrong, infinite or out of range.' },
  outcomes: { unit: 'PSI', better: 'lower', summary: 'How far the distribution of what it says is from that of the incumbent.' },
  memory: { unit: 'ratio', better: 'lower', summary: 'Memory of agent and runtime, median of the devices.' },
} as const
export type JudgedMetric = keyof typeof judgedMetrics
export const judgedMetricNames = Object.keys(judgedMetrics) as [JudgedMetric, ...JudgedMetric[]]

/** `pass`: not worse by more than the margin. `fail`: worse, beyond chance. Without data it is neither. */
export const verdicts = ['pass', 'fail', 'not enough evidence'] as const
export type Verdict = (typeof verdicts)[number]

const metricRule = (defaults: { role: 'required' | 'guard' | 'off'; margin: number; marginMeaning: string }) =>
  z
    .strictObject({
      role: z
        .enum(['required', 'guard', 'off'])
        .default(defaults.role)
        .describe('required: must pass. guard: a fail counts, no data does not hold the gate. off: not looked at.'),
      margin: z.number().min(0).max(1000).default(defaults.margin).describe(defaults.marginMeaning),
    })
    .prefault({})

/** How a version is judged. Of alpha, errors have half and the other metrics that are not off the other half, evenly (weighted Bonferroni). */
export const judgeRules = z.strictObject({
  alpha: z.number().gt(0).max(0.5).default(0.05).describe('Chance that a version that is no worse is ever called worse.'),
  onFail: z.enum(['pause', 'stop', 'revert']).default('revert'),
  leastRequests: z.int().min(1).max(100_000_000).default(100).describe('Requests, or rows, per arm before a metric may pass.'),
  errors: metricRule({
    role: 'required',
    margin: 0.005,
    marginMeaning: "Rise of the share that is accepted; or a quarter of the incumbent's, if that is more.",
  }),
  latency: metricRule({
    role: 'required',
    margin: 0.05,
    marginMeaning: 'Rise of the share of slow answers that is accepted; the incumbent has 0.05.',
  }),
  agreement: metricRule({ role: 'guard', margin: 0.1, marginMeaning: 'Share of rows that may differ.' }),
  accuracy: metricRule({
    role: 'guard',
    margin: 0.02,
    marginMeaning: 'Loss of accuracy that is accepted; of regressions, share of the error by which it may grow.',
  }),
  inputs: metricRule({ role: 'guard', margin: 0.01, marginMeaning: 'Rise of the share of bad values that is accepted.' }),
  outcomes: metricRule({ role: 'guard', margin: 0.25, marginMeaning: 'PSI that is accepted.' }),
  memory: metricRule({ role: 'guard', margin: 0.5, marginMeaning: 'Growth of the memory that is accepted, share.' }),
})
export type JudgeRules = z.infer<typeof judgeRules>
