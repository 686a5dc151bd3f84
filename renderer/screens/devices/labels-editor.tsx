import { Button, Group, Modal, Stack } from '@mantine/core'
import { useState } from 'react'
import { ProblemBox } from '../../components/answered.tsx'
import { CopyAsCommand } from '../../components/copy.tsx'
import { useCommand } from '../../data/use-command.ts'
import { showDone } from '../../shell/notices.tsx'
import { labelLine } from './device-lines.ts'
import { labelChange, labelsOf, labelsProblem, type LabelRow } from './label-change.ts'
import { LabelRows } from './label-rows.tsx'
import { idQuery } from './selection-query.ts'
import { MayButton } from '../../shell/may-button.tsx'

/** Changes the labels of one device; what was there before comes back with undo. */
export function LabelsEditor({
  device,
  labels,
  isOpen,
  onClose,
}: {
  device: string
  labels: Readonly<Record<string, string>>
  isOpen: boolean
  onClose(): void
}) {
  return (
    <Modal opened={isOpen} onClose={onClose} title={`Labels of ${device}`} size="md">
      {isOpen && <LabelsForm device={device} labels={labels} onClose={onClose} />}
    </Modal>
  )
}

function LabelsForm({ device, labels, onClose }: { device: string; labels: Readonly<Record<string, string>>; onClose(): void }) {
  const [rows, setRows] = useState<LabelRow[]>(() => {
    const there = Object.entries(labels).map(([key, value]) => ({ key, value }))
    return there.length === 0 ? [{ key: '', value: '' }] : there
  })
  const set = useCommand('devices.setLabels', { isShownInPlace: true })
  const restore = useCommand('devices.restoreLabels')
  const problem = labelsProblem(rows)
  const change = problem === null ? labelChange(labels, labelsOf(rows)) : {}
  const count = Object.keys(change).length
  const save = async (): Promise<void> => {
    const { previous } = await set.run({ query: idQuery([device]), labels: change })
    onClose()
    showDone(`Labels of ${device} are changed.`, { undo: () => void restore.run({ previous }) })
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        // What fails is shown in the form.
        if (count > 0) save().catch(() => undefined)
      }}
    >
      <Stack gap="sm">
        <p className="dim">Labels are what queries select devices by, such as site = lyon. A label may be a name alone.</p>
        {set.problem !== null && <ProblemBox problem={set.problem} />}
        <LabelRows rows={rows} onChange={setRows} />
        <Group justify="space-between">
          {count > 0 ? <CopyAsCommand command={labelLine(change, idQuery([device]))} isIcon /> : <span />}
          <Group gap="xs">
            <Button onClick={onClose}>Cancel</Button>
            <MayButton method="devices.setLabels" type="submit" variant="filled" disabled={count === 0} loading={set.isRunning}>
              Save labels
            </MayButton>
          </Group>
        </Group>
      </Stack>
    </form>
  )
}
