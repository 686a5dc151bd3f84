import { Stack } from '@mantine/core'
import { useState } from 'react'
import { ProblemBox } from '../../../components/answered.tsx'
import { CopyAsCommand, shellWord } from '../../../components/copy.tsx'
import { formatCount } from '../../../components/format.ts'
import { Section } from '../../../components/screen.tsx'
import { StateMark } from '../../../components/state-mark.tsx'
import { useCommand } from '../../../data/use-command.ts'
import { useJob } from '../../../data/use-job.ts'
import { MayButton } from '../../../shell/may-button.tsx'
import { carryImported, type ImportedDevice } from '../../../../shared/rpc/contract/carry.ts'
import { CarryFolder } from './carry-folder.tsx'
import { CarryJob } from './carry-job.tsx'
import { CarryOutcomes } from './carry-outcomes.tsx'
import styles from './carry.module.css'

/** Takes in the folder that came back, and says by device what was applied, what failed and why. */
export function CarryImport({ folder, onFolder }: { folder: string; onFolder(folder: string): void }) {
  const [started, setStarted] = useState<string | null>(null)
  const read = useCommand('carry.import', { isShownInPlace: true })
  const job = useJob(started)
  const begin = async (): Promise<void> => {
    const { job: made } = await read.run({ folder })
    setStarted(made)
  }
  const command = `npm run -s muster -- carry import ${folder === '' ? 'FOLDER' : shellWord(folder)}`
  return (
    <Section title="Import" actions={<CopyAsCommand command={command} isIcon />}>
      <Stack gap="sm">
        <CarryFolder label="Folder that came back" folder={folder} onFolder={onFolder} />
        {read.problem !== null && <ProblemBox problem={read.problem} />}
        <MayButton
          method="carry.import"
          w="fit-content"
          disabled={folder.trim() === ''}
          loading={read.isRunning || job.data?.state === 'running'}
          onClick={() => void begin().catch(() => undefined)}
        >
          Import
        </MayButton>
        <CarryJob job={job.data}>
          {(result) => {
            const done = carryImported.safeParse(result)
            return done.success ? <Imported devices={done.data.devices} /> : null
          }}
        </CarryJob>
      </Stack>
    </Section>
  )
}

function Imported({ devices }: { devices: readonly ImportedDevice[] }) {
  return (
    <table className={styles.table} aria-label="What was imported">
      <thead>
        <tr>
          <th>Device</th>
          <th>Receipt</th>
          <th>New records</th>
          <th>On the device</th>
        </tr>
      </thead>
      <tbody>
        {devices.map((one) => (
          <tr key={one.device}>
            <td className="foreign">{one.device}</td>
            <td>
              {one.state === 'refused' ? (
                <StateMark state="failed" word="refused" />
              ) : (
                <StateMark state="ok" word={one.state === 'known' ? 'imported before' : 'taken in'} />
              )}
            </td>
            <td>{formatCount(one.records)}</td>
            <td>
              <CarryOutcomes problem={one.problem ?? one.applied} deployments={one.deployments} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
