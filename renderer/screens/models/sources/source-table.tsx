import { Button, Table } from '@mantine/core'
import { useState } from 'react'
import { plural } from '../../../components/format.ts'
import { StateMark } from '../../../components/state-mark.tsx'
import { Ago } from '../../../components/time.tsx'
import { useCommand } from '../../../data/use-command.ts'
import { useLink } from '../../../data/link-context.ts'
import { MayButton } from '../../../shell/may-button.tsx'
import { showDone, showProblem } from '../../../shell/notices.tsx'
import { problemFrom, reportOf } from '../../../../shared/domain/problem.ts'
import { sourceWords, watchText, type Source } from './source-draft.ts'
import styles from './sources.module.css'

/** Every place that models come from, with how it does. */
export function SourceTable({
  sources,
  onEdit,
  onBrowse,
}: {
  sources: readonly Source[]
  onEdit(source: Source): void
  onBrowse(source: string): void
}) {
  return (
    <Table aria-label="Sources">
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
          <Table.Tr key={one.source}>
            <Table.Td>
              <button type="button" className={styles.open} onClick={() => onEdit(one)}>
                {one.source}
              </button>
              <div className={styles.under}>{sourceWords[one.settings.kind].title}</div>
            </Table.Td>
            <Table.Td>
              <span className="foreign">{one.settings.kind === 'mlflow' ? one.settings.url : one.settings.folder}</span>
            </Table.Td>
            <Table.Td>
              {one.settings.kind === 'folder' ? (
                'subfolders MODEL@VERSION'
              ) : one.settings.watches.length === 0 ? (
                <span className="dim">nothing by itself</span>
              ) : (
                one.settings.watches.map((watch) => (
                  <div key={watchText(watch)} className="foreign">
                    {watchText(watch)}
                  </div>
                ))
              )}
            </Table.Td>
            <Table.Td>
              <SourceState source={one} />
            </Table.Td>
            <Table.Td>
              <SourceActs source={one} onBrowse={onBrowse} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

function SourceState({ source: { settings, problem, lookedAt, offers, tags } }: { source: Source }) {
  if (!settings.isEnabled) return <StateMark state="offline" word="off" />
  return (
    <>
      {problem !== null ? (
        <>
          <StateMark state="failed" word="failing" />
          <div className={styles.under}>
            {problem.message} <Ago at={problem.at} />
          </div>
        </>
      ) : lookedAt === null ? (
        <StateMark state="offline" word="not asked yet" />
      ) : (
        <StateMark state="ok" word="answers" />
      )}
      <div className={styles.under}>
        {plural(offers.imported, 'version')} imported
        {offers.waiting > 0 && `, ${offers.waiting} waiting`}
        {offers.failed > 0 && `, ${offers.failed} failed`}
        {tags.waiting > 0 && `, ${plural(tags.waiting, 'tag')} to be written`}
      </div>
    </>
  )
}

function SourceActs({ source: { source, settings }, onBrowse }: { source: Source; onBrowse(source: string): void }) {
  const poll = useCommand('sources.poll')
  const link = useLink()
  const [isChecking, setChecking] = useState(false)
  const check = async (): Promise<void> => {
    setChecking(true)
    try {
      const { server, models } = await link.call('sources.check', { source })
      const what = server === null ? `${source} answers` : `${source} answers: MLflow ${server}`
      showDone(models === null ? `${what}.` : `${what}, ${plural(models, 'model')} to be seen.`)
    } catch (error) {
      showProblem(problemFrom(reportOf(error)))
    } finally {
      setChecking(false)
    }
  }
  const ask = async (): Promise<void> => {
    await poll.run({ source })
    showDone(`${source} is asked; what is new there becomes a draft.`)
  }
  return (
    <div className={styles.acts}>
      {settings.kind === 'mlflow' && <Button onClick={() => onBrowse(source)}>Browse</Button>}
      <MayButton method="sources.check" loading={isChecking} onClick={() => void check()}>
        Check
      </MayButton>
      <MayButton method="sources.poll" loading={poll.isRunning} onClick={() => void ask().catch(() => undefined)}>
        Ask now
      </MayButton>
    </div>
  )
}
