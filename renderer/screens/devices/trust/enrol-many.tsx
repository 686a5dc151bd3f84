import { FileButton, Group, Textarea } from '@mantine/core'
import { useState } from 'react'
import { ProblemBox } from '../../../components/answered.tsx'
import { plural } from '../../../components/format.ts'
import { Section } from '../../../components/screen.tsx'
import { saveFile } from '../../../data/save-file.ts'
import { useCommand } from '../../../data/use-command.ts'
import { showDone } from '../../../shell/notices.tsx'
import { MayButton } from '../../../shell/may-button.tsx'
import { csvText } from '../../../../shared/domain/csv.ts'
import styles from './trust.module.css'

/** Codes for many devices at once, from a CSV; the codes are saved as a CSV again, and shown nowhere. */
export function EnrolMany() {
  const [csv, setCsv] = useState('')
  const make = useCommand('devices.createCodes', { isShownInPlace: true })
  const run = async (): Promise<void> => {
    const { codes, brokerUrl } = await make.run({ csv })
    const rows = codes.map(({ device, code, expiresAt }) => [device, code, brokerUrl, new Date(expiresAt).toISOString()])
    saveFile('muster-codes.csv', csvText(['device', 'code', 'broker', 'works until'], rows), 'text/csv')
    showDone(`${plural(codes.length, 'code')} were made and saved. Each works once, for a week.`)
  }
  return (
    <Section title="Many devices at once">
      <div className={styles.many}>
        {make.problem !== null && <ProblemBox problem={make.problem} />}
        <Textarea
          label="Devices as CSV"
          description="A column device, and one per label. All lines get a code, or none: a line that is wrong is named."
          placeholder={'device,site\ncam-12,lyon\ncam-13,lyon'}
          autosize
          minRows={4}
          maxRows={16}
          value={csv}
          onChange={(event) => setCsv(event.currentTarget.value)}
        />
        <Group gap="sm">
          <FileButton accept=".csv,text/csv" onChange={(file) => void file?.text().then(setCsv)}>
            {(props) => (
              <MayButton {...props} method="devices.createCodes">
                Take a file
              </MayButton>
            )}
          </FileButton>
          <MayButton
            method="devices.createCodes"
            variant="filled"
            disabled={csv.trim() === ''}
            loading={make.isRunning}
            // What fails is shown above.
            onClick={() => void run().catch(() => undefined)}
          >
            Make codes
          </MayButton>
        </Group>
      </div>
    </Section>
  )
}
