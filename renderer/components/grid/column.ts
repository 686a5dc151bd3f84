/** A column of a grid. */
export interface Column<Row> {
  id: string
  title: string
  /** Width in px until a person changes it. */
  width: number
  isNumeric?: boolean
  /** The core can order by it. */
  isSortable?: boolean
  /** Not shown until a person asks for it. */
  isHidden?: boolean
  cell(row: Row): React.ReactNode
  /** The cell as plain text, for CSV and for what is cut off. */
  text(row: Row): string
}

export interface Sort {
  column: string
  descending: boolean
}

/** What is selected: single rows, or everything that the list holds but a few. */
export interface Selection {
  keys: ReadonlySet<string>
  isAll: boolean
  /** Rows that were taken out again after everything was selected. */
  except: ReadonlySet<string>
}
export const nothingSelected: Selection = { keys: new Set(), isAll: false, except: new Set() }
export const everythingSelected: Selection = { keys: new Set(), isAll: true, except: new Set() }

/** True if a row is in the selection. */
export function isSelected(selection: Selection, key: string): boolean {
  return selection.isAll ? !selection.except.has(key) : selection.keys.has(key)
}

/** The selection with a row taken in or out. */
export function toggled(selection: Selection, key: string): Selection {
  const changed = new Set(selection.isAll ? selection.except : selection.keys)
  if (!changed.delete(key)) changed.add(key)
  return selection.isAll ? { ...selection, except: changed } : { ...selection, keys: changed }
}

/** The selection with more rows taken in. */
export function extended(selection: Selection, keys: readonly string[]): Selection {
  if (!selection.isAll) return { ...selection, keys: new Set([...selection.keys, ...keys]) }
  return { ...selection, except: new Set([...selection.except].filter((key) => !keys.includes(key))) }
}
