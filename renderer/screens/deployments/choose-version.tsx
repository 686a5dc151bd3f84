import { TextInput } from '@mantine/core'
import { IconCheck, IconSearch } from '@tabler/icons-react'
import { useEffect, useId, useRef, useState } from 'react'
import { formatBytes, plural } from '../../components/format.ts'
import type { VersionSummary } from '../../../shared/rpc/contract/models.ts'
import { formatMetric, keyMetricOf, metricName } from '../models/metrics.ts'
import { findVersions } from './version-options.ts'
import styles from './deploy.module.css'

/** A list of versions that is searched by typing: arrow keys move, Enter chooses. */
export function ChooseVersion({
  versions,
  chosen,
  asked,
  onChoose,
}: {
  versions: readonly VersionSummary[]
  chosen: VersionSummary | null
  /** As it stands in the address: it may be an alias, or nothing that exists. */
  asked: { model: string; version: string }
  onChoose(version: VersionSummary): void
}) {
  const [text, setText] = useState(chosen === null ? asked.model : '')
  const id = useId()
  const list = useRef<HTMLUListElement>(null)
  const found = findVersions(versions, text)
  const [at, setAt] = useState(chosen === null ? 0 : Math.max(0, found.indexOf(chosen)))
  const active = Math.min(at, found.length - 1)
  useEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: 'nearest' })
  }, [active])
  const press = (event: React.KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey) return
    if (event.key === 'ArrowDown') setAt(Math.min(found.length - 1, active + 1))
    else if (event.key === 'ArrowUp') setAt(Math.max(0, active - 1))
    else if (event.key === 'Home' && text === '') setAt(0)
    else if (event.key === 'End' && text === '') setAt(found.length - 1)
    else if (event.key === 'Enter') {
      const version = found[active]
      if (version !== undefined) onChoose(version)
    } else return
    event.preventDefault()
  }
  const isMissing = asked.model !== '' && asked.version !== '' && chosen === null
  return (
    <div>
      <TextInput
        label="Version"
        placeholder="Search models, versions, aliases"
        leftSection={<IconSearch size={14} />}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value)
          setAt(0)
        }}
        onKeyDown={press}
        autoFocus
        autoComplete="off"
        spellCheck={false}
        role="combobox"
        aria-expanded
        aria-controls={`${id}-list`}
        aria-activedescendant={active < 0 ? undefined : `${id}-${active}`}
        aria-autocomplete="list"
        error={isMissing ? `There is no version or alias ${asked.version} of ${asked.model} any more; choose another` : undefined}
      />
      <ul ref={list} id={`${id}-list`} role="listbox" aria-label="Versions" className={styles.versions}>
        {found.map((version, i) => (
          <li
            key={version.digest}
            id={`${id}-${i}`}
            role="option"
            aria-selected={version === chosen}
            data-active={i === active || undefined}
            // The focus stays in the search box, from where the arrow keys move.
            onMouseDown={(event) => {
              event.preventDefault()
              setAt(i)
              onChoose(version)
            }}
          >
            <VersionLine version={version} isChosen={version === chosen} />
          </li>
        ))}
      </ul>
      {found.length === 0 && <p className="dim">No model, version or alias is called &quot;{text.slice(0, 60)}&quot;.</p>}
    </div>
  )
}

function VersionLine({ version, isChosen }: { version: VersionSummary; isChosen: boolean }) {
  const metric = keyMetricOf(version)
  const { active } = version.devices
  return (
    <>
      <span className={styles.check}>{isChosen && <IconCheck size={14} aria-hidden="true" />}</span>
      <span className={`foreign ${styles.versionName}`}>
        {version.model} <strong>{version.version}</strong>
        {version.aliases.map((alias) => (
          <span key={alias} className={styles.alias}>
            {alias}
          </span>
        ))}
      </span>
      <span className={styles.versionFacts}>
        <span>{metric === null ? 'not evaluated' : `${metricName(metric.metric)} ${formatMetric(metric.metric, metric.value)}`}</span>
        <span className="dim">
          {active === 0 ? 'runs nowhere' : `runs on ${plural(active, 'device')}`}, {formatBytes(version.sizeBytes)}
        </span>
      </span>
    </>
  )
}
