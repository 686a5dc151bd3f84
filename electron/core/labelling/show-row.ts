import type { Baseline, Manifest } from '../../../shared/domain/bundle.ts'
import type { LabellingTask } from '../../../shared/rpc/contract/labelling.ts'
import { cellsOf, type NamedCell, type RowInput } from './row-input.ts'
import { imageOf } from './row-picture.ts'
import { usualOf } from './unusual.ts'

/** Fields that are sent with a row. */
const MOST_FIELDS = 1000
const MOST_TEXT = 4096
/** A row of so many values of one channel is a course over time rather than a table. */
const LEAST_SERIES = 17
const MOST_SERIES = 20_000

type Shown = Pick<LabellingTask, 'kind' | 'fields' | 'image' | 'series'>

/** How a row is shown: as a picture where it is one, as a course where it is one, else by name and value. The values are there in any case. */
export function showRow(input: RowInput, manifest: Manifest | null, baseline: Baseline | null): Shown {
  const cells = cellsOf(input, manifest?.schema ?? null)
  const isUsual = usualOf(manifest, baseline)
  const image = manifest === null ? null : imageOf(input, manifest)
  const series = image === null ? seriesOf(input, manifest) : null
  const isBytesOnly = image !== null && cells.length === 1
  return {
    kind: image !== null ? 'image' : series !== null ? 'series' : 'table',
    fields: isBytesOnly
      ? []
      : cells.slice(0, MOST_FIELDS).map((cell) => ({
          name: cell.name.slice(0, 256),
          value: shownValue(cell.value),
          isUnusual: !isUsual(cell),
          isMasked: cell.mask !== null,
        })),
    image,
    series,
  }
}

/** The first names of values outside what the training rows had. */
export function unusualNames({ fields }: Pick<Shown, 'fields'>): string[] {
  return fields.filter(({ isUnusual }) => isUnusual).map(({ name }) => name)
}

function shownValue(value: NamedCell['value']): NamedCell['value'] {
  return typeof value === 'string' ? value.slice(0, MOST_TEXT) : value
}

/**
 * A single input of one dimension, longer than 16, whose places have no names of their own (or are numbered through as steps of time) is a
 * course: [L], [1, L] or [L, 1].
 */
function seriesOf({ inputs }: RowInput, manifest: Manifest | null): (number | null)[] | null {
  const [input] = inputs
  if (input === undefined || inputs.length !== 1 || input.datatype === 'BYTES') return null
  const { data, shape } = input
  if (data.length < LEAST_SERIES || data.length > MOST_SERIES || !shape.includes(data.length)) return null
  const features = manifest?.schema.features ?? []
  if (features.length > 0 && !areSteps(features)) return null
  return data.map((value) => (typeof value === 'number' ? value : null))
}

/** Names such as t0, t1, … or step_001: one word, numbered through. */
function areSteps(features: Manifest['schema']['features']): boolean {
  const first = /^(t|time|step|lag|sample|signal|s|x)_?(\d+)$/i.exec(features[0]!.name)
  if (first === null) return false
  const start = Number(first[2])
  return features.every(({ name }, i) => {
    const match = /^([a-z]+)_?(\d+)$/i.exec(name)
    return match !== null && match[1]!.toLowerCase() === first[1]!.toLowerCase() && Number(match[2]) === start + i
  })
}
