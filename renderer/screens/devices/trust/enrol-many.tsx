import { FileButton, Group, Textarea } from '@mantine/core'
import { useState } from 'react'
import { ProblemBox } from '../../../components/answered.tsx'
import { CodeLine } from '../../../components/copy.tsx'
import { plural } from '../../../components/format.ts'
import { Section } from '../../../components/screen.tsx'
import { saveFile } from '../../../data/save-file.ts'
import { useCommand } from '../../../data/use-command.ts'
import { MayButton } from '../../../shell/may-button.tsx'
import { csvText } from '../../../../shared/domain/csv.ts'
import styles from './trust.module.css'

const FILE = 'muster-codes.csv'

/** Codes for many devices at once, from a CSV; the codes are saved as a CSV again, and shown nowhere. */
export function EnrolMany() {
  const [csv, setCsv] = useState('')
  const [made, setMade] = useState<{ codes: number; brokerUrl: string } | null>(null)
  const make = useCommand('devices.createCodes', { isShownInPlace: true })
  const change = (text: string): void => {
    setCsv(text)
    setMade(null)
    make.reset()
  }
  const run = async (): Promise<void> => {
    const { codes, brokerUrl } = await make.run({ csv })
    const rows = codes.map(({ device, code, expiresAt }) => [device, code, brokerUrl, new Date(expiresAt).toISOString()])
    saveFile(FILE, csvText(['device', 'code', 'broker', 'works until'], rows), 'text/csv')
    // A second press would make the codes of the file worthless.
    setCsv('')
    setMade({ codes: codes.length, brokerUrl })
  }
  return (
    <Section title="Many devices at once">
      <div className={styles.many}>
        <Textarea
          label="Devices as CSV"
          description="A column device, and one per label. All lines get a code, or none: a line that is wrong is named."
          placeholder={'device,site\ncam-12,lyon\ncam-13,lyon'}
          classNames={{ input: 'mono' }}
          autosize
          minRows={4}
          maxRows={16}
          spellCheck={false}
          value={csv}
          onChange={(event) => change(event.currentTarget.value)}
        />
        {make.problem !== null && <ProblemBox problem={make.problem} />}
        <Group gap="xs">
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
          <FileButton accept=".csv,text/csv" onChange={(file) => void file?.text().then(change)}>
            {(props) => (
              <MayButton {...props} method="devices.createCodes">
                Choose a file
              </MayButton>
            )}
          </FileButton>
        </Group>
        {made !== null && <Made {...made} />}
      </div>
    </Section>
  )
}

function Made({ codes, brokerUrl }: { codes: number; brokerUrl: string }) {
  return (
    <div role="status">
      <p className={styles.words}>
        {plural(codes, 'code')} saved in {FILE}; each works once, for a week. On each device, with its line of the file:
      </p>
      <CodeLine text={`node muster-agent.mjs enroll --broker ${brokerUrl} --id DEVICE --code CODE`} label="Copy the command" />
    </div>
  )
}
