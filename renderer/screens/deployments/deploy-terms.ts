import type { InputOf } from '../../../shared/rpc/contract.ts'
import type { OrderRole } from '../../../shared/rpc/contract/orders.ts'

/** What a role does, in a word for the choice and a sentence below it. */
export const roleWords: Record<OrderRole, { title: string; does: string }> = {
  active: { title: 'Replace', does: 'It takes the place of what runs, once it has passed its trial on the device.' },
  shadow: {
    title: 'Shadow',
    does: 'It sees the same inputs as what runs and answers nobody. Agreement and latency are compared here.',
  },
  split: { title: 'Split', does: 'It answers a share of the requests; equal keys always get the same version.' },
  staged: { title: 'Stage only', does: 'It is downloaded and checked, and waits until it is promoted.' },
}

/** A number that can be said of an order; empty: not said. */
export interface TermField {
  name: string
  label: string
  /** Plain words: what it does, and what counts where nothing is said. */
  about: string
  suffix?: string
  min: number
  max: number
  /** What is written is a percentage of what is sent. */
  isPercent?: boolean
}

/** How a version proves itself. */
export const probationFields: readonly TermField[] = [
  {
    name: 'inferences',
    label: 'Watch so many inferences',
    about: 'Live requests after the switch. Usually 500; 0: no watch.',
    min: 0,
    max: 1_000_000,
  },
  { name: 'seconds', label: 'Watch at most', about: 'Usually 600 s.', suffix: ' s', min: 1, max: 86_400 },
  {
    ...{ name: 'maxErrorShare', label: 'Errors that may happen', about: 'More take the switch back at once. Usually 5 %.', suffix: ' %' },
    ...{ min: 0, max: 100, isPercent: true },
  },
  {
    ...{ name: 'maxNotFiniteShare', label: 'Answers that may be NaN', about: 'Usually none.', suffix: ' %' },
    ...{ min: 0, max: 100, isPercent: true },
  },
  {
    name: 'latencyMs',
    label: 'Latency budget',
    about: 'Median of the trial and of the watch. Usually none.',
    suffix: ' ms',
    min: 1,
    max: 600_000,
  },
  { name: 'memoryBytes', label: 'Memory budget', about: 'Bytes that it may add. Usually none.', suffix: ' B', min: 1, max: 1e12 },
]

/** How a deployment is served. */
export const servingFields: readonly TermField[] = [
  {
    name: 'deadlineMs',
    label: 'Deadline of a request',
    about: 'Answered, or failed, within so long. Usually 10 000 ms.',
    suffix: ' ms',
    min: 10,
    max: 600_000,
  },
  { name: 'cacheEntries', label: 'Answers kept', about: 'For exactly equal inputs. Usually 0: no cache.', min: 0, max: 100_000 },
  { name: 'batchRows', label: 'Rows per joined run', about: 'Waiting requests run together. Usually 0: each alone.', min: 0, max: 4096 },
  { name: 'queueRequests', label: 'Requests that may wait', about: 'More are refused as overloaded. Usually 64.', min: 1, max: 10_000 },
]

/** The terms of the form as they stand in the address, as text; empty: not said. */
export type TermTexts = Readonly<Record<string, string>>

type Rules = Pick<InputOf<'deployments.apply'>, 'probation' | 'serving'>
type Terms = Rules & Pick<InputOf<'deployments.apply'>, 'percent' | 'cpuShare' | 'disagreementsPerWindow'>

/** What is said of the order, of those terms that belong to its role. */
export function termsOf(as: OrderRole, texts: TermTexts): Terms {
  if (as === 'split') return numbers({ percent: 'percent' }, texts)
  if (as === 'shadow') {
    const share = numberOf(texts['cpuPercent'])
    return {
      ...(share === null ? {} : { cpuShare: share / 100 }),
      ...numbers({ disagreements: 'disagreementsPerWindow' }, texts),
    }
  }
  return as === 'active' ? rulesOf(texts) : {}
}

/** Rules of probation and serving that are said. */
export function rulesOf(texts: TermTexts): Rules {
  const probation = fieldsOf(probationFields, texts)
  const serving = fieldsOf(servingFields, texts)
  return {
    ...(Object.keys(probation).length === 0 ? {} : { probation }),
    ...(Object.keys(serving).length === 0 ? {} : { serving }),
  }
}

function fieldsOf(fields: readonly TermField[], texts: TermTexts): Record<string, number> {
  return Object.fromEntries(
    fields.flatMap(({ name, isPercent }) => {
      const value = numberOf(texts[name])
      return value === null ? [] : [[name, isPercent === true ? value / 100 : value]]
    }),
  )
}

function numbers<Name extends string>(names: Record<string, Name>, texts: TermTexts): Partial<Record<Name, number>> {
  const found = Object.entries(names).flatMap(([from, to]) => {
    const value = numberOf(texts[from])
    return value === null ? [] : [[to, value] as const]
  })
  return Object.fromEntries(found) as Partial<Record<Name, number>>
}

function numberOf(text: string | undefined): number | null {
  const value = text === undefined || text === '' ? Number.NaN : Number(text)
  return Number.isFinite(value) ? value : null
}

/** Flags of the command line for the same terms. */
export function termFlags(as: OrderRole, texts: TermTexts): string {
  const { percent, cpuShare, disagreementsPerWindow, probation, serving } = termsOf(as, texts)
  const pairs = (rules: object): string =>
    Object.entries(rules)
      .map(([name, value]) => `${name}=${String(value)}`)
      .join(',')
  return [
    ...(as === 'active' ? [] : [`--as ${as}`]),
    ...(percent === undefined ? [] : [`--percent ${percent}`]),
    ...(cpuShare === undefined ? [] : [`--cpu-share ${cpuShare}`]),
    ...(disagreementsPerWindow === undefined ? [] : [`--disagreements ${disagreementsPerWindow}`]),
    ...(probation === undefined ? [] : [`--probation ${pairs(probation)}`]),
    ...(serving === undefined ? [] : [`--serving ${pairs(serving)}`]),
  ]
    .map((flag) => ` ${flag}`)
    .join('')
}
