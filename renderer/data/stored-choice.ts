import { useCallback, useState } from 'react'
import type { z } from 'zod'

/** A choice of this person that outlives the page (folded rail, columns): kept in the browser, checked when read. */
export function useStoredChoice<Value>(name: string, schema: z.ZodType<Value>, fallback: Value): [Value, (value: Value) => void] {
  const storageName = `muster.${name}`
  const [value, setValue] = useState<Value>(() => read(storageName, schema) ?? fallback)
  const keep = useCallback(
    (next: Value) => {
      setValue(next)
      localStorage.setItem(storageName, JSON.stringify(next))
    },
    [storageName],
  )
  return [value, keep]
}

function read<Value>(storageName: string, schema: z.ZodType<Value>): Value | null {
  try {
    return schema.safeParse(JSON.parse(localStorage.getItem(storageName) ?? 'null')).data ?? null
  } catch {
    return null
  }
}
