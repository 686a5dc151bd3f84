import type { EventBody } from '../../shared/protocol/telemetry.ts'
import type { DetectorName } from './detector-state.ts'
import type { Alarm } from './traffic-detectors.ts'

const words: Record<DetectorName, (feature: string) => string> = {
  errors: () => 'Requests fail',
  missing: (feature) => `Values of ${feature} are missing`,
  'out-of-range': (feature) => `Values of ${feature} are outside the range of training`,
  unseen: (feature) => `Values of ${feature} are categories that training never had`,
  confidence: () => 'The model is unsure',
  latency: () => 'Requests are slow',
}

/** The event of an alarm: what changed, how much, and the rule that says so. */
export function eventOf(subject: { deployment: string; version: string }, { detector, feature, rate, samples, p0, h }: Alarm): EventBody {
  const { deployment, version } = subject
  const percent = (share: number): string => `${Number((share * 100).toPrecision(2))} %`
  return {
    name: `detector.${detector}`,
    severity: 'warning',
    message: `${words[detector]((feature ?? '').slice(0, 256))} in ${deployment} ${version}: ${percent(rate)} of the last ${samples}, ${percent(p0)} was to be expected at most.`,
    code: null,
    detail: { deployment, version, ...(feature === null ? {} : { feature }), rate, baseline: p0, samples, h },
  }
}
