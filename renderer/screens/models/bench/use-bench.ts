import { useDebouncedValue } from '@mantine/hooks'
import { useState } from 'react'
import { z } from 'zod'
import { useStoredChoice } from '../../../data/stored-choice.ts'
import { useQuery } from '../../../data/use-query.ts'
import { cellOf, withValues, type BenchRow } from './bench-rows.ts'

/** Edits are collected for so long before they are run. */
const SETTLE_MS = 150

/** The rows on the bench and what the versions say about them. @param other version beside this one; empty: none */
export function useBench({ model, version, other, start }: { model: string; version: string; other: string; start: BenchRow }) {
  const [rows, setRows] = useState<readonly BenchRow[]>([start])
  const [active, setActive] = useState(0)
  const [isLive, setLive] = useStoredChoice('bench.live', z.boolean(), true)
  const [pressed, setPressed] = useState(rows)
  const [settled] = useDebouncedValue(rows, SETTLE_MS)
  const asked = isLive ? settled : pressed
  const cells = asked.map(({ values }) => values.map(cellOf))
  const own = useQuery('models.try', { model, version, rows: cells }, { keepsPrevious: true })
  const beside = useQuery('models.try', { model, version: other, rows: cells }, { keepsPrevious: true, enabled: other !== '' })
  const replace = (next: readonly BenchRow[]): void => {
    setRows(next)
    setActive(0)
    // Rows that were just chosen are meant to be run.
    setPressed(next)
  }
  return {
    rows,
    active: Math.min(active, rows.length - 1),
    row: rows[Math.min(active, rows.length - 1)]!,
    isLive,
    setLive,
    setActive,
    replace,
    edit(changes: ReadonlyMap<number, string>) {
      setRows((before) => before.map((row, i) => (i === active ? withValues(row, changes) : row)))
    },
    run() {
      setPressed(rows)
      if (asked !== rows) return
      void own.refetch()
      if (other !== '') void beside.refetch()
    },
    /** Rows that the answers below belong to. */
    asked,
    own,
    beside,
    isStale: asked !== rows || own.isPlaceholderData,
  }
}

export type Bench = ReturnType<typeof useBench>
