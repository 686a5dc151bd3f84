import { Autocomplete, Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import { showProblem } from '../../shell/notices.tsx'
import { Problem } from '../../../shared/domain/problem.ts'
import type { LabellingTask } from '../../../shared/rpc/contract/labelling.ts'
import { findLabels, type LabelKey } from './label-keys.ts'
import styles from './labelling.module.css'

/** Labels that a list of suggestions shows. */
const MOST_SHOWN = 50

interface AnswerBarProps {
  task: LabellingTask
  keys: readonly LabelKey[] | null
  onLabel(label: string | number): void
  onSkip(): void
  onUndo(): void
}

/** The answers along the bottom, each with its key. */
export function AnswerBar({ task, keys, onLabel, onSkip, onUndo }: AnswerBarProps) {
  return (
    <div className={styles.answers} role="toolbar" aria-label="Answers">
      {keys === null ? (
        <TypedLabel key={task.task} task={task} onLabel={onLabel} />
      ) : (
        <div className={styles.keys}>
          {keys.map(({ key, label }) => (
            <button key={label} type="button" className={styles.answer} aria-keyshortcuts={key} onClick={() => onLabel(label)}>
              {label.toLowerCase() !== key && <kbd>{key.toUpperCase()}</kbd>}
              <span className="foreign">{label}</span>
            </button>
          ))}
        </div>
      )}
      <div className={styles.keys}>
        <button type="button" className={styles.answer} aria-keyshortcuts="s" onClick={onSkip}>
          <kbd>S</kbd> Skip
        </button>
        <button type="button" className={styles.answer} aria-keyshortcuts="u" onClick={onUndo}>
          <kbd>U</kbd> Undo
        </button>
      </div>
    </div>
  )
}

/** One of many classes, found while it is typed, or a value. */
function TypedLabel({ task, onLabel }: { task: LabellingTask; onLabel(label: string | number): void }) {
  const [text, setText] = useState('')
  const { labels } = task
  const isValue = typeof task.predicted === 'number'
  const found = labels.length === 0 ? [] : findLabels(labels, text)
  const take = (given: string): void => {
    const label = readLabel(given, { labels, isValue })
    if (label === null)
      showProblem(new Problem('feedback.bad-label', isValue ? `"${given}" is no number.` : `"${given}" is no label of this model.`))
    else {
      setText('')
      onLabel(label)
    }
  }
  return (
    <form
      className={styles.typed}
      onSubmit={(event) => {
        event.preventDefault()
        if (text.trim() !== '') take(labels.length === 0 || labels.includes(text.trim()) ? text : (found[0] ?? text))
      }}
    >
      {labels.length === 0 ? (
        <TextInput
          aria-label={isValue ? 'True value' : 'True label'}
          placeholder={isValue ? 'True value' : 'True label'}
          inputMode={isValue ? 'decimal' : 'text'}
          value={text}
          maxLength={256}
          autoFocus
          onChange={(event) => setText(event.currentTarget.value)}
        />
      ) : (
        <Autocomplete
          aria-label="True label"
          placeholder={`Type one of ${labels.length} labels`}
          value={text}
          onChange={setText}
          onOptionSubmit={take}
          data={found.slice(0, MOST_SHOWN)}
          filter={({ options }) => options}
          selectFirstOptionOnChange
          autoFocus
        />
      )}
      <Button type="submit" variant="filled" disabled={text.trim() === ''}>
        Label
      </Button>
      <span className="dim">Enter labels; Alt+S skips, Alt+U takes back</span>
    </form>
  )
}

function readLabel(text: string, { labels, isValue }: { labels: readonly string[]; isValue: boolean }): string | number | null {
  const trimmed = text.trim()
  if (isValue) return trimmed !== '' && Number.isFinite(Number(trimmed)) ? Number(trimmed) : null
  return labels.length === 0 || labels.includes(trimmed) ? trimmed : null
}
