import { NumberInput, TextInput } from '@mantine/core'
import { useState } from 'react'
import { ProblemBox } from '../../components/answered.tsx'
import { CopyAsCommand } from '../../components/copy.tsx'
import { useCommand } from '../../data/use-command.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import type { MadeCode } from './code-life.ts'
import { EnrolCode } from './enrol-code.tsx'
import { DEFAULT_MINUTES, enrolLine } from './device-lines.ts'
import { labelsOf, labelsProblem, type LabelRow } from './label-change.ts'
import { LabelRows } from './label-rows.tsx'
import { MayButton } from '../../shell/may-button.tsx'
import styles from './enrol.module.css'

const MAX_MINUTES = 1440
const MINUTE_MS = 60_000

/** Makes a one-time code, shows how to use it, and waits for the device. It stands alone: a page and the first run both show it. */
export function EnrolPanel({ device = '' }: { device?: string }) {
  const [code, setCode] = useState<{ made: OutputOf<'devices.createCode'>; wanted: MadeCode } | null>(null)
  if (code !== null) return <EnrolCode {...code} onAnother={() => setCode(null)} />
  return <EnrolForm device={device} onMade={(made, wanted) => setCode({ made, wanted })} />
}

function EnrolForm({ device, onMade }: { device: string; onMade(made: OutputOf<'devices.createCode'>, wanted: MadeCode): void }) {
  const [id, setId] = useState(device)
  const [rows, setRows] = useState<LabelRow[]>([{ key: 'site', value: '' }])
  const [minutes, setMinutes] = useState<number>(DEFAULT_MINUTES)
  const create = useCommand('devices.createCode', { isShownInPlace: true })
  const given = rows.filter(({ value, key }) => value.trim() !== '' || key !== 'site')
  const idProblem = id === '' || /^[a-z0-9-]{1,64}$/.test(id) ? null : 'An id is 1 to 64 of a-z, 0-9 and -.'
  const isReady = idProblem === null && labelsProblem(given) === null
  const labels = isReady ? labelsOf(given) : {}
  const make = async (): Promise<void> => {
    const made = await create.run({ ...(id === '' ? {} : { device: id }), labels, minutes })
    onMade(made, { madeAt: made.expiresAt - minutes * MINUTE_MS, device: id === '' ? null : id, labels })
  }
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault()
        // What fails is shown in the form.
        if (isReady) make().catch(() => undefined)
      }}
    >
      {create.problem !== null && <ProblemBox problem={create.problem} />}
      <TextInput
        label="Device id"
        description="Leave it empty, and the device takes one from its host name. With the id of an enrolled device, the code gives that device a new secret."
        placeholder="cam-12"
        value={id}
        error={idProblem}
        maxLength={64}
        onChange={(event) => setId(event.currentTarget.value.trim())}
      />
      <div className={styles.field}>
        <span className={styles.label}>Labels</span>
        <span className="dim">The device gets them when it joins; queries select it by them.</span>
        <LabelRows rows={rows} onChange={setRows} />
      </div>
      <Minutes value={minutes} onChange={setMinutes} />
      <div className={styles.actions}>
        <MayButton method="devices.createCode" type="submit" variant="filled" disabled={!isReady} loading={create.isRunning}>
          Make a code
        </MayButton>
        <CopyAsCommand command={enrolLine(id, labels, minutes)} />
      </div>
    </form>
  )
}

function Minutes({ value, onChange }: { value: number; onChange(minutes: number): void }) {
  return (
    <NumberInput
      label="Minutes that the code works"
      min={1}
      max={MAX_MINUTES}
      clampBehavior="blur"
      allowDecimal={false}
      value={value}
      w={200}
      onChange={(next) => onChange(typeof next === 'number' ? Math.min(MAX_MINUTES, Math.max(1, next)) : DEFAULT_MINUTES)}
    />
  )
}
