import { Adwin } from '../../../../shared/stats/sequential/adwin.ts'
import { addOutcome, addOutcomes, bernoulliCusum } from '../../../../shared/stats/sequential/bernoulli-cusum.ts'
import { addToDdm, ddm } from '../../../../shared/stats/sequential/ddm.ts'
import { addToEddm, eddm } from '../../../../shared/stats/sequential/eddm.ts'
import { addToPageHinkley, pageHinkley } from '../../../../shared/stats/sequential/page-hinkley.ts'
import type { Json } from './oracle.ts'
import type { OracleFunction } from './oracle-functions.ts'

type Numbers = number[]

/** Indices at which the detector says so. */
export function detections(stream: readonly number[], detects: (value: number, index: number) => boolean): number[] {
  return stream.flatMap((value, i) => (detects(value, i) ? [i] : []))
}

function adwinRule(params: Record<string, Json>) {
  const number = (name: string, rule: string) => (params[name] === undefined ? {} : { [rule]: params[name] as number })
  return {
    ...number('delta', 'delta'),
    ...number('clock', 'clock'),
    ...number('max_buckets', 'maxBuckets'),
    ...number('min_window', 'leastPart'),
    ...number('grace', 'grace'),
    ...(params['reset_on_drift'] === undefined ? {} : { restart: params['reset_on_drift'] as boolean }),
  }
}

/** Sequential detectors. */
export const sequentialFns: Record<string, OracleFunction> = {
  page_hinkley: ({ input, params }) => {
    const rule = {
      least: params['min_instances'] as number,
      delta: params['delta'] as number,
      threshold: params['threshold'] as number,
      alpha: params['alpha'] as number,
    }
    const state = pageHinkley(rule)
    return { detections: detections(input['stream'] as Numbers, (value) => addToPageHinkley(state, value)) }
  },
  ddm: ({ input }) => {
    const state = ddm()
    return { detections: detections(input['stream'] as Numbers, (value) => addToDdm(state, value === 1) === 'alarm') }
  },
  eddm: ({ input }) => {
    const found = (ddof: 0 | 1): number[] => {
      const state = eddm(ddof)
      return detections(input['stream'] as Numbers, (value) => addToEddm(state, value === 1) === 'alarm')
    }
    return { detections_ddof0: found(0), detections_ddof1: found(1) }
  },
  adwin: ({ input, params }) => {
    const window = new Adwin(adwinRule(params))
    const found = detections(input['stream'] as Numbers, (value) => window.add(value))
    return { detections: found, width: window.width, total: window.total, sum_sq_dev: window.squaredDeviation }
  },
  bernoulli_cusum: ({ input, params, expected }) => {
    const state = bernoulliCusum({ p0: params['p0'] as number, p1: params['p1'] as number, h: params['h'] as number })
    const sums: number[] = []
    const found = detections((input['stream'] as Numbers).slice(0, input['first'] as number), (value) => {
      const before = state.s
      const isAlarm = addOutcome(state, value === 1)
      // The case reads S before the reset that an alarm makes.
      sums.push(isAlarm ? Math.max(0, before + Math.log(state.p1 / state.p0)) : state.s)
      return isAlarm
    })
    return { detections: found, s_at: (expected['s_at'] as [number, number][]).map(([index]) => [index, sums[index]]) }
  },
  bernoulli_cusum_windows: ({ input, params }) => {
    const state = bernoulliCusum({ p0: params['p0'] as number, p1: params['p1'] as number, h: Math.log(1e5) })
    return {
      s: (input['windows'] as [number, number][]).map(([errors, trials]) => {
        addOutcomes(state, errors, trials, false)
        return state.s
      }),
    }
  },
}
