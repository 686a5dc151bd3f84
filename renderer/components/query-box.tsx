import { useDebouncedValue } from '@mantine/hooks'
import { IconFilter } from '@tabler/icons-react'
import { useEffect, useId, useRef, useState } from 'react'
import type { OutputOf } from '../../shared/rpc/contract.ts'
import { useQuery } from '../data/use-query.ts'
import { plural } from './format.ts'
import styles from './query-box.module.css'

type Completions = OutputOf<'devices.completions'>

const SETTLE_MS = 150

/**
 * The box for the one query language: suggestions while typing (Tab or Enter takes one), what is wrong in place, how many devices it selects.
 * What can be read is applied by itself; what cannot leaves the list as it was.
 */
export function QueryBox({
  value,
  onChange,
  label = 'Query of devices',
  placeholder = 'All devices. Try: site = lyon and not health = ok',
  isAutoFocused = false,
  hasTotal = true,
  onPending,
}: {
  value: string
  onChange(query: string): void
  label?: string
  placeholder?: string
  isAutoFocused?: boolean
  /** False where the list is not of the whole fleet, so that the number of devices in the fleet would mislead. */
  hasTotal?: boolean
  /** Told true while what stands in the box is not what was applied: it is being typed, or cannot be read. */
  onPending?(isPending: boolean): void
}) {
  const [text, setText] = useState(value)
  const [caret, setCaret] = useState(value.length)
  const [isOpen, setOpen] = useState(false)
  const [picked, setPicked] = useState(-1)
  const input = useRef<HTMLInputElement>(null)
  const id = useId()
  const applied = useRef(value)
  const [settled] = useDebouncedValue(text, SETTLE_MS)
  const checked = useQuery('devices.checkQuery', { query: settled }, { keepsPrevious: true })
  const completions = useQuery('devices.completions', { query: text, caret }, { enabled: isOpen, keepsPrevious: true })
  const items = isOpen ? (completions.data?.items ?? []) : []

  useEffect(() => {
    // The query was changed from outside: a link, a saved view, "clear".
    if (value === applied.current) return
    applied.current = value
    setText(value)
  }, [value])
  useEffect(() => {
    if (checked.isPlaceholderData || checked.data?.ok !== true || settled === applied.current) return
    applied.current = settled
    onChange(settled)
  }, [checked.data, checked.isPlaceholderData, settled, onChange])

  const isPending = text !== value
  useEffect(() => onPending?.(isPending), [onPending, isPending])

  const take = (index: number): void => {
    const item = completions.data?.items[index]
    if (item === undefined || completions.data === undefined) return
    const { from, to } = completions.data
    const next = `${text.slice(0, from)}${item.text}${item.kind === 'value' || item.text.endsWith(':') ? '' : ' '}${text.slice(to).replace(/^ /, '')}`
    const place = from + item.text.length + (item.kind === 'value' || item.text.endsWith(':') ? 0 : 1)
    setText(next)
    setCaret(place)
    setPicked(-1)
    requestAnimationFrame(() => input.current?.setSelectionRange(place, place))
  }
  const press = (event: React.KeyboardEvent): void => {
    if (event.key === 'ArrowDown' && items.length > 0) setPicked((picked + 1) % items.length)
    else if (event.key === 'ArrowUp' && items.length > 0) setPicked((picked <= 0 ? items.length : picked) - 1)
    else if (event.key === 'Tab' && isOpen && items.length > 0 && !event.shiftKey && text.trim() !== '') take(Math.max(0, picked))
    else if (event.key === 'Enter' && picked >= 0) take(picked)
    else if (event.key === 'Enter') setOpen(false)
    else if (event.key === 'Escape' && isOpen) setOpen(false)
    else return
    event.preventDefault()
  }
  const problem = checked.data?.ok === false && settled === text ? checked.data.problem : null
  return (
    <div className={styles.box}>
      <div className={styles.field} data-invalid={problem !== null || undefined}>
        <IconFilter size={14} aria-hidden="true" />
        <div className={styles.input}>
          {problem !== null && <Underline text={text} from={problem.from} to={problem.to} />}
          <input
            ref={input}
            type="text"
            role="combobox"
            aria-label={label}
            aria-expanded={items.length > 0}
            aria-controls={`${id}-list`}
            aria-activedescendant={picked >= 0 ? `${id}-${picked}` : undefined}
            aria-autocomplete="list"
            aria-invalid={problem !== null}
            aria-describedby={`${id}-state`}
            placeholder={placeholder}
            value={text}
            autoFocus={isAutoFocused}
            spellCheck={false}
            autoComplete="off"
            maxLength={4000}
            onChange={(event) => {
              setText(event.target.value)
              setCaret(event.target.selectionStart ?? event.target.value.length)
              setOpen(true)
              setPicked(-1)
            }}
            onSelect={(event) => setCaret(event.currentTarget.selectionStart ?? 0)}
            onFocus={() => setOpen(true)}
            onBlur={() => setOpen(false)}
            onKeyDown={press}
          />
        </div>
        <span className={styles.total} aria-hidden="true">
          {hasTotal && checked.data?.ok === true ? plural(checked.data.total, 'device') : ''}
        </span>
        {text !== '' && (
          <button type="button" className={styles.clear} onClick={() => setText('')}>
            Clear
          </button>
        )}
      </div>
      <div id={`${id}-state`} className={problem === null ? 'sr-only' : styles.problem} role="status">
        {problem === null ? (checked.data?.ok === true ? plural(checked.data.total, 'device') : '') : problem.message}
      </div>
      {items.length > 0 && <Suggestions id={id} items={items} picked={picked} onTake={take} />}
    </div>
  )
}

function Suggestions({
  id,
  items,
  picked,
  onTake,
}: {
  id: string
  items: Completions['items']
  picked: number
  onTake(index: number): void
}) {
  const list = useRef<HTMLUListElement>(null)
  useEffect(() => {
    // It may answer with a promise, which is no clean-up.
    list.current?.children[picked]?.scrollIntoView({ block: 'nearest' })
  }, [picked])
  return (
    <ul ref={list} id={`${id}-list`} role="listbox" aria-label="Suggestions" className={styles.list}>
      {items.map(({ text, kind, detail }, index) => (
        <li
          key={`${kind} ${text}`}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === picked}
          className={styles.item}
          // Before the box loses the focus, which would close the list.
          onMouseDown={(event) => {
            event.preventDefault()
            onTake(index)
          }}
        >
          <span className="mono foreign">{text}</span>
          <span className="dim foreign">{detail}</span>
        </li>
      ))}
    </ul>
  )
}

/** A wavy line under the place that cannot be read; it lies under the text of the box. */
function Underline({ text, from, to }: { text: string; from: number; to: number }) {
  return (
    <div className={styles.underline} aria-hidden="true">
      <span>{text.slice(0, from)}</span>
      <span className={styles.wave}>{text.slice(from, Math.max(to, from + 1)) || ' '}</span>
    </div>
  )
}
