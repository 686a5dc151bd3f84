import { Button, Table } from '@mantine/core'
import { plural } from '../../../components/format.ts'
import plain from '../../../components/plain-table.module.css'
import { StateMark } from '../../../components/state-mark.tsx'
import { Ago } from '../../../components/time.tsx'
import { useCommand } from '../../../data/use-command.ts'
import { MayButton } from '../../../shell/may-button.tsx'
import { showDone } from '../../../shell/notices.tsx'
import { CheckResult } from './check-result.tsx'
import { sourceWords, watchText, type Source } from './source-draft.ts'
import styles from './sources.module.css'
import { useCheck, type Check } from './use-check.ts'

interface Acts {
  onEdit(source: Source): void
  onBrowse(source: string): void
}

/** Every place that models come from, with how it does. */
export function SourceTable({ sources, ...acts }: { sources: readonly Source[] } & Acts) {
  return (
    <Table aria-label="Sources" className={plain.table}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Source</Table.Th>
          <Table.Th>Where</Table.Th>
          <Table.Th>Follows</Table.Th>
          <Table.Th>State</Table.Th>
          <Table.Th aria-label="Actions" />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {sources.map((one) => (
          <SourceRow key={one.source} source={one} {...acts} />
        ))}
      </Table.Tbody>
    </Table>
  )
}

function SourceRow({ source: one, ...acts }: { source: Source } & Acts) {
  const check = useCheck(one.source)
  const { settings } = one
  return (
    <Table.Tr>
      <Table.Td>
        <button type="button" className={styles.open} onClick={() => acts.onEdit(one)}>
          {one.source}
        </button>
        <div className={styles.under}>{sourceWords[settings.kind].title}</div>
      </Table.Td>
      <Table.Td className={`${styles.place} foreign`}>{settings.kind === 'mlflow' ? settings.url : settings.folder}</Table.Td>
      <Table.Td className={styles.place}>
        {settings.kind === 'folder' ? (
          'each subfolder MODEL@VERSION'
        ) : settings.watches.length === 0 ? (
          <span className="dim">no alias: imported by hand</span>
        ) : (
          settings.watches.map((watch) => (
            <div key={watchText(watch)} className="foreign">
              {watchText(watch)}
            </div>
          ))
        )}
      </Table.Td>
      <Table.Td>
        <SourceState source={one} isAsked={check.problem !== null} />
        <CheckResult check={check} kind={settings.kind} />
      </Table.Td>
      <Table.Td>
        <SourceActs source={one} check={check} {...acts} />
      </Table.Td>
    </Table.Tr>
  )
}

/** @param isAsked what is wrong was just asked for and stands below */
function SourceState({ source: { settings, problem, lookedAt, offers, tags }, isAsked }: { source: Source; isAsked: boolean }) {
  if (!settings.isEnabled) return <StateMark state="offline" word="off" />
  const isFolder = settings.kind === 'folder'
  return (
    <>
      {problem !== null ? (
        <>
          <StateMark state="failed" word="failing" />
          {!isAsked && <div className={`${styles.under} foreign`}>{problem.message}</div>}
          <div className={styles.under}>
            since <Ago at={problem.at} />
            {!isFolder && lookedAt !== null && (
              <>
                , last asked <Ago at={lookedAt} />
              </>
            )}
          </div>
        </>
      ) : lookedAt === null ? (
        <StateMark state="offline" word={isFolder ? 'not looked at yet' : 'not asked yet'} />
      ) : (
        <>
          <StateMark state="ok" word={isFolder ? 'can be read' : 'answers'} />
          <div className={styles.under}>
            {isFolder ? (
              'looked at every 10 s'
            ) : (
              <>
                last asked <Ago at={lookedAt} />
              </>
            )}
          </div>
        </>
      )}
      <div className={styles.under}>
        {offers.imported === 0 ? 'no version imported yet' : `${plural(offers.imported, 'version')} imported`}
        {offers.waiting > 0 && `, ${offers.waiting} waiting`}
        {offers.failed > 0 && `, ${offers.failed} failed`}
        {tags.waiting > 0 && `, ${plural(tags.waiting, 'tag')} to be written`}
      </div>
    </>
  )
}

function SourceActs({ source: one, check, onEdit, onBrowse }: { source: Source; check: Check } & Acts) {
  const { source, settings } = one
  const poll = useCommand('sources.poll')
  const look = async (): Promise<void> => {
    await poll.run({ source })
    showDone(`${source} is being looked at; what is new there becomes a draft.`)
  }
  return (
    <div className={styles.acts}>
      {settings.kind === 'mlflow' && (
        <Button size="compact-sm" aria-label={`Browse ${source}`} onClick={() => onBrowse(source)}>
          Browse
        </Button>
      )}
      <MayButton method="sources.check" size="compact-sm" aria-label={`Check ${source}`} loading={check.isRunning} onClick={check.run}>
        Check
      </MayButton>
      <MayButton
        method="sources.poll"
        size="compact-sm"
        aria-label={`Look now at ${source}`}
        disabled={!settings.isEnabled}
        loading={poll.isRunning}
        onClick={() => void look().catch(() => undefined)}
      >
        Look now
      </MayButton>
      <MayButton method="sources.change" size="compact-sm" aria-label={`Change ${source}`} onClick={() => onEdit(one)}>
        Change
      </MayButton>
    </div>
  )
}
