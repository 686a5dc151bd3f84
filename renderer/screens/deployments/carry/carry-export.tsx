import { Checkbox, Stack } from '@mantine/core'
import { useState } from 'react'
import { Answered, EmptyState, ProblemBox } from '../../../components/answered.tsx'
import { CodeLine, CopyAsCommand, shellWord } from '../../../components/copy.tsx'
import { Facts } from '../../../components/facts.tsx'
import { formatBytes, formatExact, plural } from '../../../components/format.ts'
import { QueryBox } from '../../../components/query-box.tsx'
import { Section } from '../../../components/screen.tsx'
import { useCommand } from '../../../data/use-command.ts'
import { useJob } from '../../../data/use-job.ts'
import { useQuery } from '../../../data/use-query.ts'
import { MayButton } from '../../../shell/may-button.tsx'
import { carryExported, type CarryPlan } from '../../../../shared/rpc/contract/carry.ts'
import { CarryFolder } from './carry-folder.tsx'
import { CarryJob } from './carry-job.tsx'
import { fewOf } from './few-of.ts'
import styles from './carry.module.css'

/** Which devices, which folder, what would be written; then the button that writes it. */
export function CarryExport({
  query,
  onQuery,
  folder,
  onFolder,
}: {
  query: string
  onQuery(query: string): void
  folder: string
  onFolder(folder: string): void
}) {
  const [everything, setEverything] = useState(false)
  const [isPending, setPending] = useState(false)
  const [started, setStarted] = useState<string | null>(null)
  const write = useCommand('carry.export', { isShownInPlace: true })
  const job = useJob(started)
  const plan = useQuery('carry.preview', { query, everything }, { keepsPrevious: true })
  const isRunning = write.isRunning || job.data?.state === 'running'
  const begin = async (): Promise<void> => {
    const { job: made } = await write.run({ query, everything, folder })
    setStarted(made)
  }
  const flags = [...(query === '' ? [] : [`--query ${shellWord(query)}`]), ...(everything ? ['--everything'] : [])]
  const command = ['npm run -s muster -- carry export --out', folder === '' ? 'FOLDER' : shellWord(folder), ...flags].join(' ')
  return (
    <Section title="Export" actions={<CopyAsCommand command={command} isIcon />}>
      <Stack gap="sm">
        <div className={styles.narrow}>
          <div className={styles.label} aria-hidden="true">
            Devices without a network
          </div>
          <QueryBox value={query} onChange={onQuery} label="Devices without a network" onPending={setPending} />
        </div>
        <CarryFolder label="Folder to write to" folder={folder} onFolder={onFolder} />
        <Checkbox
          label="Also what the devices reported to have, as for one whose disk was replaced"
          checked={everything}
          onChange={(event) => setEverything(event.currentTarget.checked)}
        />
        {plan.error?.code === 'device.none-match' ? (
          <EmptyState title="There is nothing to export">
            {query === '' ? 'The fleet has no device, or all of them were revoked or are in quarantine.' : plan.error.message}
          </EmptyState>
        ) : (
          <Answered answer={plan}>{(shown) => <Plan plan={shown} />}</Answered>
        )}
        {write.problem !== null && <ProblemBox problem={write.problem} />}
        <MayButton
          method="carry.export"
          variant="filled"
          w="fit-content"
          disabled={folder.trim() === '' || isPending || plan.data === undefined || plan.error !== null}
          loading={isRunning}
          onClick={() => void begin().catch(() => undefined)}
        >
          Export
        </MayButton>
        <CarryJob job={job.data}>
          {(result) => {
            const done = carryExported.safeParse(result)
            return done.success ? (
              <div className={styles.narrow}>
                <p className={styles.words}>
                  Written: {plural(done.data.files, 'file')}, {formatBytes(done.data.bytes)}, of which {formatBytes(done.data.copied)} are
                  new. On each device, with the folder at hand; then bring it back:
                </p>
                <CodeLine text="node muster-agent.mjs carry apply FOLDER" label="Copy the command" />
              </div>
            ) : null
          }}
        </CarryJob>
      </Stack>
    </Section>
  )
}

function Plan({ plan }: { plan: CarryPlan }) {
  const keyless = plan.devices.filter(({ hasKey }) => !hasKey)
  return (
    <div className={styles.narrow}>
      <Facts
        rows={[
          ['Holds', `${plural(plan.files, 'file')}, ${formatBytes(plan.bytes)} for ${plural(plan.devices.length, 'device')}`],
          ['Good until', formatExact(plan.expiresAt)],
          [
            'Left out',
            plan.skipped.length === 0
              ? null
              : fewOf(
                  plan.skipped.map(({ device, why }) => `${device}: ${why}`),
                  ' ',
                ),
          ],
          [
            'No receipt from',
            keyless.length === 0
              ? null
              : `${fewOf(
                  keyless.map(({ device }) => device),
                  ', ',
                )}: a device gets its key when it connects once with this version.`,
          ],
        ]}
      />
    </div>
  )
}
