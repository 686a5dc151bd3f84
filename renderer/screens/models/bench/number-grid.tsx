import { Button, TextInput } from '@mantine/core'
import { memo, useId, useState } from 'react'
import { formatNumber } from '../../../components/format.ts'
import pageStyles from '../models.module.css'
import styles from './bench.module.css'

/** What is to be said about one value. */
export interface CellNote {
  kind: 'refused' | 'unusual'
  why: string
}

interface NamedFeature {
  name: string
  min: number | null
  max: number | null
}

/** Boxes on one page; more would make typing slow. */
const PAGE = 100
/** From so many features on, boxes are small and the range stands in the tip only. */
const DENSE_FROM = 24

/** The values of a row as boxes, each with its range in the training rows and what is wrong with it. */
export function NumberGrid({
  features,
  values,
  notes,
  onValue,
}: {
  features: readonly NamedFeature[]
  values: readonly string[]
  notes: ReadonlyMap<number, CellNote>
  onValue(index: number, text: string): void
}) {
  const [search, setSearch] = useState('')
  const [page, setPage] = useState(0)
  const wanted = search.trim().toLowerCase()
  const found = features.map((feature, index) => ({ feature, index })).filter(({ feature }) => feature.name.toLowerCase().includes(wanted))
  const pages = Math.max(1, Math.ceil(found.length / PAGE))
  const shown = found.slice(page * PAGE, page * PAGE + PAGE)
  const isDense = features.length >= DENSE_FROM
  return (
    <>
      {features.length > PAGE && (
        <div className={styles.bar}>
          <TextInput
            aria-label="Find a feature"
            placeholder="Find a feature"
            value={search}
            onChange={(event) => {
              setSearch(event.currentTarget.value)
              setPage(0)
            }}
          />
          <Button disabled={page === 0} onClick={() => setPage(page - 1)}>
            Previous
          </Button>
          <Button disabled={page + 1 >= pages} onClick={() => setPage(page + 1)}>
            Next
          </Button>
          <span className="dim">
            page {page + 1} of {pages}
          </span>
        </div>
      )}
      <div className={styles.numbers} data-dense={isDense || undefined} role="group" aria-label="Values of the row">
        {shown.map(({ feature, index }) => (
          <ValueBox
            key={feature.name}
            feature={feature}
            index={index}
            value={values[index] ?? ''}
            note={notes.get(index) ?? null}
            isDense={isDense}
            onValue={onValue}
          />
        ))}
      </div>
      {found.length === 0 && <p className={`${pageStyles.line} dim`}>No feature is called like that.</p>}
    </>
  )
}

const ValueBox = memo(function ValueBox({
  feature,
  index,
  value,
  note,
  isDense,
  onValue,
}: {
  feature: NamedFeature
  index: number
  value: string
  note: CellNote | null
  isDense: boolean
  onValue(index: number, text: string): void
}) {
  const id = useId()
  const range = feature.min === null || feature.max === null ? null : `${formatNumber(feature.min, 4)} to ${formatNumber(feature.max, 4)}`
  const hint = note === null ? (isDense ? null : range) : note.why
  return (
    <div className={styles.value} title={range === null ? feature.name : `${feature.name}: ${range} in the training rows`}>
      <label htmlFor={id} className="foreign">
        {feature.name}
      </label>
      <input
        id={id}
        type="text"
        inputMode="decimal"
        value={value}
        spellCheck={false}
        autoComplete="off"
        maxLength={64}
        aria-invalid={note?.kind === 'refused'}
        aria-describedby={hint === null ? undefined : `${id}-hint`}
        onChange={(event) => onValue(index, event.currentTarget.value)}
      />
      {hint !== null && (
        <small id={`${id}-hint`} data-kind={note?.kind}>
          {note === null ? hint : `${note.kind === 'refused' ? '■' : '▲'} ${hint}`}
        </small>
      )}
    </div>
  )
})
