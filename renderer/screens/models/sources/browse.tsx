import { Button, Modal, Table, TextInput } from '@mantine/core'
import { IconArrowLeft } from '@tabler/icons-react'
import { useState } from 'react'
import { Link as RouteLink } from 'wouter'
import { Answered, ProblemBox } from '../../../components/answered.tsx'
import plain from '../../../components/plain-table.module.css'
import { Progress } from '../../../components/progress.tsx'
import { Ago } from '../../../components/time.tsx'
import { paths } from '../../../data/paths.ts'
import { useCommand } from '../../../data/use-command.ts'
import { useJob } from '../../../data/use-job.ts'
import { useQuery } from '../../../data/use-query.ts'
import { MayButton } from '../../../shell/may-button.tsx'
import { problemFrom } from '../../../../shared/domain/problem.ts'
import styles from './sources.module.css'

/** Registered models of a tracking server, and the versions of one; each is imported from here. */
export function Browse({ source, onClose }: { source: string; onClose(): void }) {
  const [model, setModel] = useState<string | null>(null)
  return (
    <Modal opened onClose={onClose} title={model === null ? `Models of ${source}` : `${model}, of ${source}`} size="xl">
      <div className={styles.browse}>
        {model === null ? (
          <ModelList source={source} onChoose={setModel} />
        ) : (
          <VersionList source={source} model={model} onBack={() => setModel(null)} />
        )}
      </div>
    </Modal>
  )
}

function ModelList({ source, onChoose }: { source: string; onChoose(model: string): void }) {
  const [typed, setTyped] = useState('')
  const [search, setSearch] = useState('')
  const answer = useQuery('mlflow.models', search === '' ? { source } : { source, search }, { keepsPrevious: true })
  return (
    <>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          setSearch(typed.trim())
        }}
      >
        <TextInput
          aria-label="Search models"
          placeholder="Part of a name, then Enter"
          value={typed}
          maxLength={200}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      </form>
      <Answered answer={answer}>
        {({ models, nextPageToken }) => (
          <>
            {models.length === 0 && (
              <p className="dim">
                {search === '' ? 'No registered model is to be seen there.' : `No registered model has "${search}" in its name.`}
              </p>
            )}
            {models.length > 0 && (
              <Table className={plain.table} aria-label="Registered models">
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>Model</Table.Th>
                    <Table.Th>Aliases</Table.Th>
                    <Table.Th>Changed</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {models.map((one) => (
                    <Table.Tr key={one.model}>
                      <Table.Td>
                        <button type="button" className={styles.open} onClick={() => onChoose(one.model)}>
                          {one.model}
                        </button>
                        <div className={styles.under}>{one.description}</div>
                      </Table.Td>
                      <Table.Td className="foreign">{one.aliases.map(({ alias, version }) => `${alias}: ${version}`).join(', ')}</Table.Td>
                      <Table.Td className={styles.when}>{one.updatedAt !== null && <Ago at={one.updatedAt} />}</Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            )}
            {nextPageToken !== null && <p className="dim">There are more: search for a part of the name.</p>}
          </>
        )}
      </Answered>
    </>
  )
}

function VersionList({ source, model, onBack }: { source: string; model: string; onBack(): void }) {
  const answer = useQuery('mlflow.versions', { source, model })
  const bring = useCommand('mlflow.import', { isShownInPlace: true })
  const cancel = useCommand('jobs.cancel')
  const [started, setStarted] = useState<string | null>(null)
  const job = useJob(started).data
  const isBusy = bring.isRunning || job?.state === 'running'
  const run = async (version: string): Promise<void> => setStarted((await bring.run({ source, model, version })).job)
  return (
    <>
      <div>
        <Button size="compact-sm" leftSection={<IconArrowLeft size={14} />} data-autofocus onClick={onBack}>
          All models
        </Button>
      </div>
      {bring.problem !== null && <ProblemBox problem={bring.problem} />}
      {job?.state === 'running' && (
        <div role="status">
          <Progress share={job.progress} label="Import" />
          <div className={styles.running}>
            <span className="dim foreign">{job.note}</span>
            <Button size="compact-xs" loading={cancel.isRunning} onClick={() => void cancel.run({ job: job.job }).catch(() => undefined)}>
              Cancel the import
            </Button>
          </div>
        </div>
      )}
      {job !== undefined && job.problem !== null && <ProblemBox problem={problemFrom(reportWithHint(job.problem))} />}
      <Answered answer={answer}>
        {({ versions, nextPageToken }) => (
          <>
            <Table className={plain.table} aria-label={`Versions of ${model}`} hidden={versions.length === 0}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Version</Table.Th>
                  <Table.Th>Aliases</Table.Th>
                  <Table.Th>Made</Table.Th>
                  <Table.Th>Here</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {versions.map((one) => (
                  <Table.Tr key={one.version}>
                    <Table.Td>
                      {one.version}
                      {one.status !== 'READY' && <div className={styles.under}>{one.status}</div>}
                    </Table.Td>
                    <Table.Td className="foreign">{one.aliases.join(', ')}</Table.Td>
                    <Table.Td className={styles.when}>{one.createdAt !== null && <Ago at={one.createdAt} />}</Table.Td>
                    <Table.Td>
                      {one.imported !== null ? (
                        <RouteLink href={paths.version(one.imported.model, one.imported.version)}>
                          {`${one.imported.model}@${one.imported.version}`}
                        </RouteLink>
                      ) : (
                        <MayButton
                          method="mlflow.import"
                          size="compact-sm"
                          aria-label={`Import version ${one.version}`}
                          disabled={isBusy || one.status !== 'READY'}
                          onClick={() => void run(one.version).catch(() => undefined)}
                        >
                          Import
                        </MayButton>
                      )}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
            {versions.length === 0 && <p className="dim">The model has no version.</p>}
            {nextPageToken !== null && <p className="dim">The newest 100; the command line lists them all.</p>}
          </>
        )}
      </Answered>
    </>
  )
}

function reportWithHint({ code, message, hint }: { code: string; message: string; hint?: string | undefined }) {
  return hint === undefined ? { code, message } : { code, message, hint }
}
