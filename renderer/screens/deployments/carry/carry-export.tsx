import { Checkbox, Stack } from '@mantine/core'
import { useState } from 'react'
import { Answered, ProblemBox } from '../../../components/answered.tsx'
import { CopyAsCommand, shellWord } from '../../../components/copy.tsx'
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
        <QueryBox value={query} onChange={onQuery} label="Devices without a network" onPending={setPending} />
        <CarryFolder label="Folder to write to" folder={folder} onFolder={onFolder} />
        <Checkbox
          label="Also what the devices reported to have, as for one whose disk was replaced"
          checked={everything}
          onChange={(event) => setEverything(event.currentTarget.checked)}
        />
        <Answered answer={plan}>{(shown) => <Plan plan={shown} />}</Answered>
        {write.problem !== null && <ProblemBox problem={write.problem} />}
        <MayButton
          method="carry.export"
          variant="filled"
          w="fit-content"
          disabled={folder.trim() === '' || isPending || plan.data === undefined}
          loading={isRunning}
          onClick={() => void begin().catch(() => undefined)}
        >
          Export
        </MayButton>
        <CarryJob job={job.data}>
          {(result) => {
            const done = carryExported.safeParse(result)
            return done.success ? (
              <span>
                {plural(done.data.files, 'file')}, {formatBytes(done.data.bytes)}, of which {formatBytes(done.data.copied)} are new. On each
                device: <span className="mono">muster-agent carry apply FOLDER</span>, then bring the folder back.
              </span>
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
    <Facts
      rows={[
        ['Holds', `${plural(plan.files, 'file')}, ${formatBytes(plan.bytes)} for ${plural(plan.devices.length, 'device')}`],
        ['Good until', formatExact(plan.expiresAt)],
        ['Left out', plan.skipped.length === 0 ? null : plan.skipped.map(({ device, why }) => `${device}: ${why}`).join(' ')],
        [
          'No receipt from',
          keyless.length === 0
            ? null
            : `${keyless.map(({ device }) => device).join(', ')}: a device gets its key when it connects once with this version.`,
        ],
      ]}
    />
  )
}
