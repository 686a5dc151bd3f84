import {
  addErrorWindow,
  emptyErrorEProcess,
  mergeErrorEProcesses,
  parseErrorEProcess,
  type ErrorEProcess,
} from '../../../../shared/stats/canary/error-e-process.ts'
import { LatencySketch } from '../../../../shared/stats/latency-sketch.ts'
import { sketchState } from '../../../../shared/protocol/telemetry.ts'
import {
  addConfidence,
  emptyCalibration,
  mergeCalibration,
  parseCalibration,
  type CalibrationBins,
} from '../../../../shared/stats/quality/calibration.ts'
import { addScore, emptyScoreBins, mergeScoreBins, parseScoreBins, type ScoreBins } from '../../../../shared/stats/quality/score-bins.ts'
import {
  addWeighted,
  emptyWeightedProportion,
  mergeWeighted,
  type WeightedProportion,
} from '../../../../shared/stats/quality/weighted-proportion.ts'
import {
  addExpectedOutcome,
  emptyExpectedOutcomes,
  mergeExpectedOutcomes,
  type ExpectedOutcomes,
} from '../../../../shared/stats/quality/confidence-based.ts'
import { CategoryCounter, type CategoryReference } from '../../../../shared/stats/reference/category-counter.ts'
import { mergeFeatureCounts, parseFeatureCounts, type FeatureCounts } from '../../../../shared/stats/reference/feature-counts.ts'
import { NumericCounter, type NumericReference } from '../../../../shared/stats/reference/numeric-counter.ts'
import { featureBaseline } from '../../../../shared/stats/reference-bins.ts'
import { addRegression, emptyRegression, mergeRegression, type RegressionSums } from '../../../../shared/stats/regression.ts'
import { DistinctCount } from '../../../../shared/stats/sketch/hyper-log-log.ts'
import { MisraGries } from '../../../../shared/stats/sketch/misra-gries.ts'
import { addMoment, emptyMoments, mergeMoments, parseMoments, type Moments } from '../../../../shared/stats/sketch/moments.ts'
import { SpaceSaving } from '../../../../shared/stats/sketch/space-saving.ts'
import { ValueSketch } from '../../../../shared/stats/sketch/value-sketch.ts'

export const numericReference = featureBaseline(
  'reading',
  Array.from({ length: 400 }, (_, i) => Math.sin(i * 7.13) * 3 + (i % 17) / 10),
) as NumericReference
export const categoryReference: CategoryReference = {
  kind: 'categorical',
  name: 'colour',
  categories: [['2', 50], ['0', 30], ['1', 20]], // prettier-ignore
  other: 0,
  missing: 0,
}

/** A mergeable state as the tests see it: its JSON form is what travels. */
export interface MergeableState {
  name: string
  /** The state of so many values, each between -4 and 4 or NaN. */
  of: (values: readonly number[]) => unknown
  merge: (a: unknown, b: unknown) => unknown
  /** Parses the JSON form, strictly; null: the state never leaves the process. */
  parse: ((value: unknown) => unknown) | null
  /** True if merging a state with a copy of itself changes nothing. */
  isIdempotent?: boolean
}

function plain<State>(of: {
  name: string
  empty: () => State
  add: (state: State, value: number) => unknown
  merge: (a: State, b: State) => State
  parse: ((value: unknown) => State) | null
}): MergeableState {
  return {
    name: of.name,
    of: (values) => {
      const state = of.empty()
      for (const value of values) of.add(state, value)
      return state
    },
    merge: (a, b) => of.merge(a as State, b as State),
    parse: of.parse,
  }
}

interface SketchClass<Sketch> {
  name: string
  empty: () => Sketch
  add: (sketch: Sketch, value: number) => unknown
  merge: (into: Sketch, other: Sketch) => void
  state: (sketch: Sketch) => unknown
  parse: (value: unknown) => Sketch
  isIdempotent?: boolean
}

function sketched<Sketch>(of: SketchClass<Sketch>): MergeableState {
  return {
    name: of.name,
    of: (values) => {
      const sketch = of.empty()
      for (const value of values) of.add(sketch, value)
      return of.state(sketch)
    },
    merge: (a, b) => {
      const sketch = of.parse(structuredClone(a))
      of.merge(sketch, of.parse(structuredClone(b)))
      return of.state(sketch)
    },
    parse: (value) => of.state(of.parse(value)),
    ...(of.isIdempotent === undefined ? {} : { isIdempotent: of.isIdempotent }),
  }
}

const unit = (value: number): number => Math.abs(value) / 4
const category = (value: number): string => `c${Math.round(value * 2)}`

function counted(
  counter: { add(value: unknown): void; counts(): FeatureCounts; interrupt(): void },
  values: readonly number[],
): FeatureCounts {
  for (const value of values) {
    counter.add(value)
    // Without neighbours a split stream has the same sums as the whole; those with neighbours are tested in counters.test.ts.
    counter.interrupt()
  }
  return counter.counts()
}

/** Every mergeable state of the folder. */
export const mergeableStates: readonly MergeableState[] = [
  plain<Moments>({ name: 'moments', empty: emptyMoments, add: addMoment, merge: mergeMoments, parse: parseMoments }),
  plain<RegressionSums>({
    name: 'regression',
    empty: emptyRegression,
    add: (sums, value) => addRegression(sums, value, value * 0.9 + 0.1),
    merge: mergeRegression,
    parse: null,
  }),
  plain<ScoreBins>({
    name: 'score bins',
    empty: () => emptyScoreBins(20),
    add: (bins, value) => addScore(bins, unit(value), value > 0),
    merge: mergeScoreBins,
    parse: parseScoreBins,
  }),
  plain<CalibrationBins>({
    name: 'calibration',
    empty: () => emptyCalibration(),
    add: (bins, value) => addConfidence(bins, unit(value), value > 0),
    merge: mergeCalibration,
    parse: parseCalibration,
  }),
  plain<WeightedProportion>({
    name: 'weighted proportion',
    empty: emptyWeightedProportion,
    add: (sums, value) => addWeighted(sums, value > 0, 1 + Math.round(Math.abs(value))),
    merge: mergeWeighted,
    parse: null,
  }),
  plain<ExpectedOutcomes>({
    name: 'expected outcomes',
    empty: emptyExpectedOutcomes,
    add: (sums, value) => addExpectedOutcome(sums, unit(value)),
    merge: mergeExpectedOutcomes,
    parse: null,
  }),
  plain<ErrorEProcess>({
    name: 'error e-process',
    empty: emptyErrorEProcess,
    add: (process, value) =>
      addErrorWindow(process, { canaryErrors: Math.round(unit(value) * 5), baselineErrors: 2, canaryRequests: 50, baselineRequests: 70 }),
    merge: mergeErrorEProcesses,
    parse: parseErrorEProcess,
  }),
  {
    name: 'numeric counts',
    of: (values) => counted(new NumericCounter(numericReference), values),
    merge: (a, b) => mergeFeatureCounts(a as FeatureCounts, b as FeatureCounts),
    parse: parseFeatureCounts,
  },
  {
    name: 'category counts',
    of: (values) => counted(new CategoryCounter(categoryReference), values.map(Math.round)),
    merge: (a, b) => mergeFeatureCounts(a as FeatureCounts, b as FeatureCounts),
    parse: parseFeatureCounts,
  },
  sketched<LatencySketch>({
    name: 'latency sketch',
    empty: () => LatencySketch.empty(),
    add: (sketch, value) => sketch.add(Math.abs(value)),
    merge: (into, other) => into.merge(other),
    state: (sketch) => sketch.state(),
    parse: (value) => LatencySketch.fromState(sketchState.parse(value)),
  }),
  sketched<ValueSketch>({
    name: 'value sketch',
    empty: () => ValueSketch.empty(),
    add: (sketch, value) => sketch.add(value),
    merge: (into, other) => into.merge(other),
    state: (sketch) => sketch.state(),
    parse: ValueSketch.parse,
  }),
  sketched<SpaceSaving>({
    name: 'space-saving',
    empty: () => new SpaceSaving(32),
    add: (sketch, value) => sketch.add(category(value)),
    merge: (into, other) => into.merge(other),
    state: (sketch) => sketch.state(),
    parse: SpaceSaving.parse,
  }),
  sketched<MisraGries>({
    name: 'misra-gries',
    empty: () => new MisraGries(32),
    add: (sketch, value) => sketch.add(category(value)),
    merge: (into, other) => into.merge(other),
    state: (sketch) => sketch.state(),
    parse: MisraGries.parse,
  }),
  sketched<DistinctCount>({
    name: 'distinct count',
    empty: () => new DistinctCount(),
    add: (sketch, value) => sketch.add(String(value)),
    merge: (into, other) => into.merge(other),
    state: (sketch) => sketch.state(),
    parse: DistinctCount.parse,
    isIdempotent: true,
  }),
]
