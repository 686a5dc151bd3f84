import { Button, Group, Select, Stack, Table, TextInput } from '@mantine/core'
import { useState } from 'react'
import { markMasks, maskWords, type MarkKind, type MarkMask } from '../../../../shared/domain/privacy/mark.ts'
import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import { Confirm } from '../../../components/confirm.tsx'
import { CopyAsCommand } from '../../../components/copy.tsx'
import { plural } from '../../../components/format.ts'
import table from '../../../components/plain-table.module.css'
import { Section } from '../../../components/screen.tsx'
import { useCommand } from '../../../data/use-command.ts'
import { MayButton } from '../../../shell/may-button.tsx'
import { showDone } from '../../../shell/notices.tsx'

type Field = OutputOf<'privacy.show'>['fields'][number]

const kindWords: Record<MarkKind, string> = { personal: 'Personal', subject: 'Says whom a row is about' }

/** Fields that are marked, and a form that marks another. */
export function FieldMarks({ fields, samplesOn }: { fields: readonly Field[]; samplesOn: boolean }) {
  const [leaving, setLeaving] = useState<Field | null>(null)
  const unmark = useCommand('privacy.unmark')
  return (
    <Section title="Personal fields" actions={<CopyAsCommand command="npm run -s muster -- privacy fields" isIcon />}>
      <Stack gap="sm">
        <p className="dim">
          Nothing of a marked field leaves a device: no sample, no count, no label. A mark counts for every model that has a field of this
          name. {samplesOn ? 'Some devices are asked to send samples.' : 'No device is asked to send samples.'}
        </p>
        {fields.length > 0 && <MarkTable fields={fields} onUnmark={setLeaving} />}
        <MarkForm />
      </Stack>
      <Confirm
        isOpen={leaving !== null}
        title="Take the mark back"
        action="Take the mark back"
        isBusy={unmark.isRunning}
        onClose={() => setLeaving(null)}
        onConfirm={() => {
          const { field } = leaving!
          unmark
            .run({ field, reason: 'taken back in the settings' })
            .then(() => showDone(`${field} is not marked any more.`))
            .catch(() => undefined)
            .finally(() => setLeaving(null))
        }}
      >
        {leaving !== null && <p>Values of {leaving.field} leave devices again where samples or counts are switched on.</p>}
      </Confirm>
    </Section>
  )
}

function MarkTable({ fields, onUnmark }: { fields: readonly Field[]; onUnmark(field: Field): void }) {
  return (
    <Table className={table['table']} aria-label="Personal fields">
      <Table.Thead>
        <Table.Tr>
          {['Field', 'Is', 'What leaves a device', 'Models', 'Why', 'What to do'].map((title) => (
            <Table.Th key={title}>{title}</Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {fields.map((one) => (
          <Table.Tr key={one.field}>
            <Table.Td className="mono foreign">{one.field}</Table.Td>
            <Table.Td>{kindWords[one.kind]}</Table.Td>
            <Table.Td>{maskWords[one.mask]}</Table.Td>
            <Table.Td className="foreign">{one.models.length === 0 ? 'none yet' : one.models.join(', ')}</Table.Td>
            <Table.Td className="foreign">{one.reason}</Table.Td>
            <Table.Td>
              <MayButton
                method="privacy.unmark"
                size="compact-xs"
                aria-label={`Take back the mark of ${one.field}`}
                onClick={() => onUnmark(one)}
              >
                Take back
              </MayButton>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

function MarkForm() {
  const [field, setField] = useState('')
  const [kind, setKind] = useState<MarkKind>('personal')
  const [mask, setMask] = useState<MarkMask>('drop')
  const [reason, setReason] = useState('')
  const mark = useCommand('privacy.mark')
  const needsReason = mask !== 'drop'
  const masks = kind === 'subject' ? markMasks.filter((one) => one === 'drop' || one === 'hash') : markMasks
  const submit = async (): Promise<void> => {
    const done = await mark.run({ field: field.trim(), kind, mask, ...(reason.trim() === '' ? {} : { reason: reason.trim() }) })
    setField('')
    setReason('')
    setMask('drop')
    showDone(`${done.field} is marked; ${plural(done.devices, 'device')} told.`)
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void submit().catch(() => undefined)
      }}
    >
      <Group gap="xs" align="flex-end">
        <TextInput
          label="Field"
          placeholder="age"
          maxLength={256}
          value={field}
          onChange={(event) => setField(event.currentTarget.value)}
        />
        <Select
          label="It is"
          data={Object.entries(kindWords).map(([value, label]) => ({ value, label }))}
          value={kind}
          allowDeselect={false}
          onChange={(value) => {
            setKind(value === 'subject' ? 'subject' : 'personal')
            setMask('drop')
          }}
        />
        <Select
          label="What leaves a device"
          data={masks.map((value) => ({ value, label: maskWords[value] }))}
          value={mask}
          w={320}
          allowDeselect={false}
          onChange={(value) => setMask(masks.find((one) => one === value) ?? 'drop')}
        />
        {needsReason && <TextInput label="Why" maxLength={500} value={reason} onChange={(event) => setReason(event.currentTarget.value)} />}
        <MayButton
          method="privacy.mark"
          type="submit"
          variant="filled"
          loading={mark.isRunning}
          disabled={field.trim() === '' || (needsReason && reason.trim().length < 3)}
        >
          Mark the field
        </MayButton>
        {field !== '' && <Button onClick={() => setField('')}>Discard</Button>}
      </Group>
    </form>
  )
}
